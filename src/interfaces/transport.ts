import type { InjectionToken } from 'tsyringe';
import type { Logger } from '../application/ports/logger.js';

/** A protocol on an address by which clients reach the use cases. */
export interface Transport {
  readonly name: string;
  /**
   * Resolves with its address, as a URL, once it accepts requests. Rejects with `unavailable`, naming the address and
   * the cure, if it cannot listen.
   */
  listen(): Promise<string>;
  /**
   * Stops accepting and resolves when the running requests have their responses. Connections may be used once more
   * within `graceMs`, so that clients learn that they end.
   */
  close(graceMs: number): Promise<void>;
}

/** What the server provides to a transport. */
export interface TransportServices {
  /** The use cases, `InboundPipeline` and ports, by class or token. */
  resolve<T>(token: InjectionToken<T>): T;
  readonly log: Logger;
  /** The certificate in these PEM files; relative paths are relative to the configuration. */
  certificate(files: { readonly cert: string; readonly key: string }): CertificateSource;
}

/** What a module of a transport exports as `transport`. */
export interface TransportKind<Options extends object = object> {
  /** The class, with class-validator's decorators and defaults, of a member of `transports` without `kind`. */
  readonly Options: new () => Options;
  create(services: TransportServices, options: Options): Transport;
}

/** A certificate and its private key, in PEM. */
export interface TlsCertificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Where a certificate is read from. */
export interface CertificateSource {
  /** Rejects with `unavailable` if it cannot be read or does not fit its key. */
  read(): Promise<TlsCertificate>;
  /** Calls `renew` with each new certificate; returns a function that stops that. */
  watch(renew: (certificate: TlsCertificate) => void, log: Logger): () => void;
}
