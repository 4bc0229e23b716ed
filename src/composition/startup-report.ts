import type { Logger } from '../application/ports/logger.js';
import type { Project } from '../domain/project.js';
import type { FirstKeys } from '../infrastructure/config/first-config.js';
import type { ShownKey } from '../infrastructure/config/generate-missing-keys.js';
import type { Settings } from '../infrastructure/config/settings/settings.js';

/** What operators need to know about a started server. */
export interface StartupReport {
  /** The address of the REST API. */
  readonly address: string;
  /** The addresses of the other transports. */
  readonly others: readonly string[];
  readonly dataFolder: string;
  /** The keys of the first configuration; only at the first start. */
  readonly firstKeys: FirstKeys | undefined;
  /** Keys that were missing in the configuration and generated at this start. */
  readonly madeKeys: readonly ShownKey[];
}

/** Prints the address and the data folder. */
export function printStartupReport(report: StartupReport, version: string): void {
  const { address, others, dataFolder } = report;
  const lines = [`PortKV ${version} serves on ${[address, ...others].join(', ')}`, `Data folder: ${dataFolder}`];
  console.log(lines.join('\n'));
}

/** Warns about everything that requires no key. */
export function warnIfUnauthenticated(
  host: string,
  settings: Settings,
  projects: readonly Project[],
  log: Logger,
): void {
  const without = unauthenticatedParts(settings, projects);
  if (without.length === 0) return;
  const local = ['127.0.0.1', '::1', 'localhost'].includes(host);
  const whom = local ? 'on this machine' : `who reaches ${host}`;
  log.warn({}, `AUTHENTICATION IS OFF for ${without.join(', ')}: anybody ${whom} can read and change everything there`);
}

function unauthenticatedParts({ system }: Settings, projects: readonly Project[]): string[] {
  const open = projects.filter(({ authentication }) => !authentication.enabled).map(({ id }) => `project '${id}'`);
  return system.authentication.enabled ? open : ['the system', ...open];
}
