import { isIP } from 'node:net';
import type { Settings } from '../infrastructure/config/settings/settings.js';
import type { ServeOptions } from '../interfaces/cli/actions.js';
import type { RequestedTransport } from './transports.js';

/** Whether a host, also as it is written in a URL, is this machine itself. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '');
  if (isIP(name) === 4) return name.startsWith('127.');
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^::ffff:(7f|127\.)/i.test(name);
}

/** Whether the REST API listens on no address that other machines reach. */
export function listensLocally(
  { host }: Pick<ServeOptions, 'host'>,
  { server_host }: Pick<Settings, 'server_host'>,
  transports: readonly RequestedTransport[],
): boolean {
  const others = transports.filter(({ kind }) => kind === 'rest').map((one) => String(one.host ?? '127.0.0.1'));
  return [host ?? server_host, ...others].every(isLoopback);
}
