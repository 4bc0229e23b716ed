import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DependencyContainer } from 'tsyringe';
import type { Clock } from '../application/ports/clock.js';
import type { Logger } from '../application/ports/logger.js';
import { Projects } from '../application/ports/registry/projects.js';
import { UnclaimedProjects } from '../application/projects/unclaimed-projects.js';
import { OwnNode } from '../application/server-info/own-node.js';
import type { ConfigFile } from '../infrastructure/config/config-file.js';
import { type LoadedConfig, loadConfig } from '../infrastructure/config/load-config.js';
import type { ServerCertificate } from '../infrastructure/config/server-certificate.js';
import type { Settings } from '../infrastructure/config/settings/settings.js';
import { permissionWarnings } from '../infrastructure/files/file-permissions.js';
import { probeDataFolder } from '../infrastructure/files/file-system.js';
import { requireHashAddon } from '../infrastructure/native-addons.js';
import { SystemClock } from '../infrastructure/observability/system-clock.js';
import { Argon2Hasher } from '../infrastructure/security/argon2-hasher.js';
import type { DataFolder } from '../infrastructure/storage/data-folder.js';
import type { ServeOptions } from '../interfaces/cli/actions.js';
import { type HttpLimits, httpLimits } from '../interfaces/rest/connection/http-limits.js';
import { buildContainer } from './container.js';
import { lockOwnFolder } from './data-folder-owner.js';
import { warnOfExposedKeys } from './exposed-keys.js';
import { listensLocally } from './loopback.js';
import { missingConfig } from './missing-config.js';
import { ConfigReload } from './reload/config-reload.js';
import type { ShowKeys } from './show-keys.js';
import { EXIT_HANGS, exitProcess } from './shutdown.js';
import { configSource } from './start/config-source.js';
import { joinRegistry, projectsChangedElsewhere } from './start/join-registry.js';
import { openStores } from './start/open-stores.js';
import { listenAll, servicesOf, transportsFor } from './start/open-transports.js';
import { prepareConfig } from './start/prepare-config.js';
import { StopSequence } from './start/stop-sequence.js';
import { type StartupReport, warnIfUnauthenticated } from './startup-report.js';
import { checkTransports, requestedTransports, type TransportKinds, transportKinds } from './transports.js';
import { warnOfUnclaimed } from './unclaimed-data.js';

/** A server that accepts requests. */
export interface RunningServer extends StartupReport {
  readonly log: Logger;
  /** Reads the configuration again, as `ConfigReload` does. Never rejects. */
  reload(): Promise<void>;
  /** Goes on to serve for as long as the settings ask, or until `signal` ends that, but is not ready any more. */
  drain(signal: AbortSignal): Promise<void>;
  /**
   * Stops accepting, finishes running requests, closes every store, unlocks the data folder. Clients that use their
   * connection within `graceMs` learn that it ends; other connections are cut.
   */
  stop(graceMs?: number): Promise<void>;
}

/** Options for tests and commands. */
export interface StartOverrides {
  readonly clock?: Clock;
  readonly limits?: HttpLimits;
  readonly kinds?: TransportKinds;
  /** Gets the keys that are shown only once; by default they are only in the report. */
  readonly show?: ShowKeys;
  /** Listens on this socket file only and requires no key: a private server for one command. */
  readonly socketPath?: string;
}

/**
 * Starts the server: locks its data folder, completes the configuration, opens the stores, listens. A step that fails
 * stops what was started. Rejects with `invalid` if the configuration is wrong, with `unavailable` if it
 * cannot start.
 */
export async function startServer(
  options: ServeOptions,
  version: string,
  overrides: StartOverrides = {},
): Promise<RunningServer> {
  requireHashAddon();
  const { kinds = transportKinds, socketPath, show = async () => undefined } = overrides;
  const hasher = new Argon2Hasher();
  const file = await configSource(options, hasher);
  const stopping = new StopSequence();
  stopping.add(() => file.close());
  try {
    const before = await loadConfig(file, hasher);
    if (before === undefined && options.init !== true) throw missingConfig(file.path);
    const factories = await checkTransports(requestedTransports(before?.settings, options), kinds);
    const pair = { file, config: before, folder: dataFolderOf(options, before, file) };
    const folder = await lockOwnFolder(pair, options.adopt === true);
    stopping.add(() => folder.release());
    await file.claimFolder();
    const isPrivate = socketPath !== undefined;
    const prepared = await prepareConfig(pair, hasher, options, show, !isPrivate);
    const { settings, log, firstKeys, madeKeys } = prepared;
    const node = new OwnNode(prepared.nodeId, version);
    const container = buildContainer({
      file,
      settings,
      node,
      dataFolder: folder.path,
      fileSystem: await probeDataFolder(folder.path, log),
      log,
      clock: overrides.clock ?? new SystemClock(),
      hasher,
      limits: overrides.limits ?? httpLimits,
      shared: file.shared,
      isLocal: listensLocally(options, settings, settings.transports),
      authenticate: !isPrivate,
      abortProcess: (reason) => {
        log.error({}, `${reason}; giving up with exit code ${EXIT_HANGS}`);
        exitProcess(EXIT_HANGS);
      },
    });
    await openStores(container, stopping);
    await warnOfUnclaimed(container.resolve(UnclaimedProjects), folder.path, file.path, log);
    const certificates: ServerCertificate[] = [];
    const services = servicesOf(container, file, log, certificates);
    const configReload = new ConfigReload({
      file,
      settings,
      container,
      hasher,
      log,
      certificates,
      hasFixedLevel: options.logLevel !== undefined,
      checkTransports: (next: Settings) => checkTransports(next.transports, kinds),
      projectsChanged: projectsChangedElsewhere(file, container),
    });
    await joinRegistry(file, node, configReload, log, stopping, container);
    const transports = transportsFor(options, settings, services, isPrivate ? [] : factories, socketPath);
    const addresses = await listenAll(transports, stopping);
    if (!isPrivate) {
      await folder.announce(addresses[0] ?? '');
      reportState(container, options, settings, file, folder, log);
      warnOfExposedKeys(addresses, settings, container.resolve<Projects>(Projects).list(), log);
    }
    const [address = '', ...others] = addresses;
    Object.assign(node, { address, state: 'serving' });
    return {
      ...{ address, others, dataFolder: folder.path, firstKeys, madeKeys, log },
      reload: () => configReload.run(),
      drain: async (signal) => {
        node.state = 'draining';
        const { drain_seconds: seconds } = settings.system.node;
        if (seconds > 0) await sleep(seconds * 1_000, undefined, { signal }).catch(() => undefined);
      },
      stop: (graceMs = 0) => stopping.run(graceMs),
    };
  } catch (error) {
    await stopping.run(0);
    throw error;
  }
}

function reportState(
  container: DependencyContainer,
  options: ServeOptions,
  settings: Settings,
  file: ConfigFile,
  folder: DataFolder,
  log: Logger,
): void {
  const projects = container.resolve<Projects>(Projects).list();
  for (const { id, storage } of projects) log.info({ project: id, engine: storage.engine }, 'project');
  void warnOfPermissions([file.path, folder.path], log);
  warnIfUnauthenticated(options.host ?? settings.server_host, settings, projects, log);
}

function dataFolderOf(options: ServeOptions, config: LoadedConfig | undefined, file: ConfigFile): string {
  if (options.data !== undefined) return resolve(options.data);
  return config?.dataFolder ?? resolve(file.path, '..', 'storage_data');
}

/** Runs in the background: there may be many files. */
async function warnOfPermissions(paths: readonly string[], log: Logger): Promise<void> {
  for (const warning of await permissionWarnings(paths)) log.warn({}, warning);
}
