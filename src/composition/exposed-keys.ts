import type { Logger } from '../application/ports/logger.js';
import type { Project } from '../domain/project.js';
import type { Settings } from '../infrastructure/config/settings/settings.js';
import { isLoopback } from './loopback.js';

/**
 * Warns if keys can be read on the network: they are required, and an address that other machines reach is served
 * without TLS. Behind a trusted proxy the proxy is expected to do TLS.
 */
export function warnOfExposedKeys(
  addresses: readonly string[],
  settings: Settings,
  projects: readonly Project[],
  log: Logger,
): void {
  const { authentication, trust_proxy } = settings.system;
  const needsKeys = authentication.enabled || projects.some((project) => project.authentication.enabled);
  const isBehindProxy = Array.isArray(trust_proxy) ? trust_proxy.length > 0 : trust_proxy > 0;
  const exposed = addresses.filter((address) => /^http:/.test(address) && !isLoopback(new URL(address).hostname));
  if (!needsKeys || isBehindProxy || exposed.length === 0) return;
  const cure = 'set server_tls, or system.trust_proxy if a proxy in front does TLS, or listen on 127.0.0.1';
  log.warn({}, `API keys are sent in plain text to ${exposed.join(', ')}: anyone on the way can read them; ${cure}`);
}
