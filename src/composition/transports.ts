import { unknownProblems } from '../infrastructure/config/check-config.js';
import type { Settings } from '../infrastructure/config/settings/settings.js';
import { checkSettings, invalidSettings, type Problem } from '../infrastructure/validation/check-settings.js';
import type { ServeOptions } from '../interfaces/cli/actions.js';
import type { Transport, TransportKind, TransportServices } from '../interfaces/transport.js';

/** Every kind of transport by its name in the configuration. */
export type TransportKinds = Readonly<Record<string, () => Promise<TransportKind>>>;

export const transportKinds: TransportKinds = {
  redis: async () => (await import('../interfaces/resp/redis-transport.js')).transport,
  rest: async () => (await import('../interfaces/rest/rest-transport.js')).transport,
};

/** A member of `transports` in the configuration: a `kind`, and its options. */
export type RequestedTransport = Readonly<Record<string, unknown>>;

/** Those of the configuration, and the one that the command line asks for. */
export function requestedTransports(
  { transports = [], server_host: host }: Partial<Pick<Settings, 'transports' | 'server_host'>> = {},
  { redisPort: port }: Pick<ServeOptions, 'redisPort'>,
): readonly RequestedTransport[] {
  if (port === undefined) return transports;
  const configured = transports.findIndex(({ kind }) => kind === 'redis');
  if (configured < 0) return [...transports, { kind: 'redis', port, ...(host === undefined ? {} : { host }) }];
  return transports.map((one, i) => (i === configured ? { ...one, port } : one));
}

/** Creates the transport of a member of `transports`. */
export type TransportFactory = (services: TransportServices) => Transport;

/**
 * Checks the options of each transport by its own class. Rejects with `invalid`, naming every mistake with its path.
 */
export async function checkTransports(
  requested: readonly RequestedTransport[],
  kinds: TransportKinds,
): Promise<readonly TransportFactory[]> {
  const problems: Problem[] = [];
  const factories: TransportFactory[] = [];
  for (const [i, { kind, ...options }] of requested.entries()) {
    const load = typeof kind === 'string' && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    if (load === undefined) {
      const known = Object.keys(kinds).sort().join(', ');
      problems.push({
        path: `transports[${i}].kind`,
        message: `${JSON.stringify(kind)} is no transport; known: ${known}`,
      });
      continue;
    }
    const transport = await load();
    const found = checkSettings(transport.Options, options, `transports[${i}]`);
    problems.push(...found.problems, ...unknownProblems(found.unknown));
    factories.push((services) => transport.create(services, found.value));
  }
  if (problems.length > 0) throw invalidSettings('Invalid transports', problems);
  return factories;
}
