import { Server as TlsServer } from 'node:https';
import { IsOptional, IsString } from 'class-validator';
import { ActiveWatches } from '../../application/changes/active-watches.js';
import { type ListenAddress, listen, urlHost } from '../listen.js';
import { ListenOptions } from '../listen-options.js';
import type { CertificateSource, Transport, TransportKind, TransportServices } from '../transport.js';
import { GracefulShutdown } from './connection/graceful-shutdown.js';
import { HttpLimits } from './connection/http-limits.js';
import { Pages } from './pages/pages.js';
import { RequestPipeline } from './request-pipeline.js';
import { createRestServer, tlsOptionsOf } from './rest-server.js';
import { RouteTable } from './route-table.js';
import { fastPath } from './routing/fast-path.js';
import { resourcesOf } from './routing/resource.js';

/** `transports` in the configuration: another address for the REST API beside `server_host` and `server_port`. */
export class RestOptions extends ListenOptions {
  /** The files of the certificate and its key, in PEM; HTTP without them. */
  @IsOptional()
  @IsString()
  cert?: string;

  @IsOptional()
  @IsString()
  key?: string;
}

/** The REST API on one address. */
export class RestTransport implements Transport {
  readonly name = 'rest';
  readonly #services: TransportServices;
  readonly #where: ListenAddress;
  readonly #certificate: CertificateSource | undefined;
  #close: (graceMs: number) => Promise<void> = async () => undefined;

  constructor(services: TransportServices, where: ListenAddress, certificate?: CertificateSource) {
    this.#services = services;
    this.#where = where;
    this.#certificate = certificate;
  }

  async listen(): Promise<string> {
    const { resolve, log } = this.#services;
    const [{ routes }, limits] = [resolve(RouteTable), resolve<HttpLimits>(HttpLimits)];
    const [pipeline, { routers }] = [resolve(RequestPipeline), resolve(Pages)];
    const match = fastPath(resourcesOf(routes));
    const server = createRestServer(routes, pipeline, limits, match, routers, await this.#certificate?.read());
    const shutdown = new GracefulShutdown(server);
    const port = await listen(server, this.#where);
    const stopWatching =
      server instanceof TlsServer
        ? this.#certificate?.watch((next) => server.setSecureContext(tlsOptionsOf(next, limits)), log)
        : undefined;
    this.#close = async (graceMs) => {
      stopWatching?.();
      await shutdown.run(graceMs);
    };
    const scheme = this.#certificate === undefined ? 'http' : 'https';
    return `${scheme}://${typeof this.#where === 'string' ? 'localhost' : urlHost(this.#where.host)}:${port}`;
  }

  async close(graceMs: number): Promise<void> {
    this.#services.resolve(ActiveWatches).close();
    await this.#close(graceMs);
  }
}

export const transport: TransportKind<RestOptions> = {
  Options: RestOptions,
  create: (services, { host, port, cert, key }) =>
    new RestTransport(
      services,
      { host, port },
      cert === undefined || key === undefined ? undefined : services.certificate({ cert, key }),
    ),
};
