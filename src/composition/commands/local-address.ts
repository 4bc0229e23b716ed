import { resolve } from 'node:path';
import { ConfigFile } from '../../infrastructure/config/config-file.js';
import { ServerCertificate } from '../../infrastructure/config/server-certificate.js';
import { Settings } from '../../infrastructure/config/settings/settings.js';
import { checkSettings } from '../../infrastructure/validation/check-settings.js';
import { urlHost } from '../../interfaces/listen.js';

/** Addresses that mean every interface, as a URL has them. */
const ANY_INTERFACE: ReadonlySet<string> = new Set(['0.0.0.0', '[::]', '[::ffff:0:0]']);

/** How a program on this machine reaches a server that listens there; undefined if the text is no address. */
export function localAddress(listening: unknown): string | undefined {
  if (typeof listening !== 'string' || !/^https?:\/\//.test(listening) || !URL.canParse(listening)) return undefined;
  const url = new URL(listening);
  // What listens on all IPv6 addresses listens on those of IPv4, too.
  if (ANY_INTERFACE.has(url.hostname)) url.hostname = '127.0.0.1';
  return url.origin;
}

/** Where the configured server would listen, as seen from this machine. */
export async function configuredAddress(config: string): Promise<string> {
  const { server_host, server_port, server_tls } = await settingsOf(config);
  const listening = `${server_tls ? 'https' : 'http'}://${urlHost(server_host)}:${server_port}`;
  return localAddress(listening) ?? listening;
}

/** The certificate of the configured server, in PEM; undefined if it has none. */
export async function configuredCertificate(config: string): Promise<Buffer | undefined> {
  const { server_tls } = await settingsOf(config);
  if (server_tls === undefined) return undefined;
  return (await new ServerCertificate(server_tls, resolve(config)).read()).cert;
}

/** Without a check of engines, which may be programs of another user. */
async function settingsOf(config: string): Promise<Settings> {
  return checkSettings(Settings, (await new ConfigFile(resolve(config)).read()) ?? {}).value;
}
