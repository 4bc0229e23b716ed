import type { InjectionToken } from 'tsyringe';
import type { Logger } from '../application/ports/logger.js';

/** One way in which clients reach the use cases: a protocol on an address. */
export interface Transport {
  readonly name: string;
  /**
   * Resolves with its address, as a URL, once it accepts requests. Rejects with `unavailable`, naming the address and the cure, if it
   * cannot listen there.
   */
  listen(): Promise<string>;
  /**
   * Stops accepting and resolves when the requests that run have their answers. Connections may be used once more within `graceMs`,
   * to learn that they end.
   */
  close(graceMs: number): Promise<void>;
}

/** What the server gives to a transport. */
export interface TransportServices {
  /** The use cases, `InboundPipeline` and ports, by class or token. */
  resolve<T>(token: InjectionToken<T>): T;
  readonly log: Logger;
  /** The certificate of these files, in PEM; relative paths are relative to the configuration. */
  certificate(files: { readonly cert: string; readonly key: string }): CertificateSource;
}

/** What a module of a transport exports as `transport`. */
export interface TransportKind<Options extends object = object> {
  /** The class-validator class of a member of `transports`, without `kind`; its defaults are the transport's. */
  readonly Options: new () => Options;
  create(services: TransportServices, options: Options): Transport;
}

/** What a server that speaks TLS shows and proves, in PEM. */
export interface TlsCertificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Where a certificate is read from. */
export interface CertificateSource {
  /** Rejects with `unavailable` if it cannot be read or does not fit its key. */
  read(): Promise<TlsCertificate>;
  /** Calls `renew` with each new one; returns how to stop that. */
  watch(renew: (certificate: TlsCertificate) => void, log: Logger): () => void;
}
