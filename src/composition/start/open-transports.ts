import type { DependencyContainer } from 'tsyringe';
import type { Logger } from '../../application/ports/logger.js';
import type { ConfigFile } from '../../infrastructure/config/config-file.js';
import { ServerCertificate } from '../../infrastructure/config/server-certificate.js';
import type { Settings } from '../../infrastructure/config/settings/settings.js';
import type { ServeOptions } from '../../interfaces/cli/actions.js';
import { RestTransport } from '../../interfaces/rest/rest-transport.js';
import type { Transport, TransportServices } from '../../interfaces/transport.js';
import type { TransportFactory } from '../transports.js';
import type { StopSequence } from './stop-sequence.js';

/** What transports may use of a server. Adds each certificate that one asks for to `certificates`. */
export function servicesOf(
  container: DependencyContainer,
  file: ConfigFile,
  log: Logger,
  certificates: ServerCertificate[],
): TransportServices {
  return {
    resolve: (token) => container.resolve(token),
    log,
    certificate: (files) => {
      const certificate = new ServerCertificate(files, file.path);
      certificates.push(certificate);
      return certificate;
    },
  };
}

/**
 * The REST API at `server_host` and `server_port`, then the configured `transports`; for a command only its socket
 * file.
 */
export function transportsFor(
  options: ServeOptions,
  settings: Settings,
  services: TransportServices,
  factories: readonly TransportFactory[],
  socketPath: string | undefined,
): readonly Transport[] {
  if (socketPath !== undefined) return [new RestTransport(services, socketPath)];
  const where = { host: options.host ?? settings.server_host, port: options.port ?? settings.server_port };
  const certificate = settings.server_tls && services.certificate(settings.server_tls);
  return [new RestTransport(services, where, certificate), ...factories.map((create) => create(services))];
}

/** The addresses of the transports, in their order, once all listen. */
export async function listenAll(transports: readonly Transport[], stopping: StopSequence): Promise<readonly string[]> {
  const addresses: string[] = [];
  for (const transport of transports) {
    addresses.push(await transport.listen());
    stopping.add((graceMs) => transport.close(graceMs));
  }
  return addresses;
}
