import { resolve } from 'node:path';
import type { DependencyContainer } from 'tsyringe';
import { KeyspaceRegistry } from '../application/lifecycle/keyspace-registry.js';
import { Migrations } from '../application/migrations/migrations.js';
import { Audit } from '../application/ports/audit.js';
import type { Clock } from '../application/ports/clock.js';
import type { Logger } from '../application/ports/logger.js';
import { KeyUsage } from '../application/ports/registry/key-usage.js';
import { Projects } from '../application/ports/registry/projects.js';
import { SystemStatus } from '../application/ports/system-status.js';
import { UnclaimedProjects } from '../application/projects/unclaimed-projects.js';
import { SnapshotScheduler } from '../application/snapshots/snapshot-scheduler.js';
import { ConfigFile } from '../infrastructure/config/config-file.js';
import { type FirstKeys, writeFirstConfig } from '../infrastructure/config/first-config.js';
import { generateMissingKeys, type ShownKey } from '../infrastructure/config/generate-missing-keys.js';
import { hashPlainKeys } from '../infrastructure/config/hash-plain-keys.js';
import { type LoadedConfig, loadConfig } from '../infrastructure/config/load-config.js';
import { ServerCertificate } from '../infrastructure/config/server-certificate.js';
import type { Settings } from '../infrastructure/config/settings/settings.js';
import { removeLeftovers } from '../infrastructure/files/durable-file.js';
import { permissionWarnings } from '../infrastructure/files/file-permissions.js';
import { probeDataFolder } from '../infrastructure/files/file-system.js';
import { FreeSpace } from '../infrastructure/files/free-space.js';
import { refuseMountedFiles } from '../infrastructure/files/mounted-files.js';
import { requireHashAddon } from '../infrastructure/native-addons.js';
import type { AuditFile } from '../infrastructure/observability/audit-file.js';
import type { KeyUsageFile } from '../infrastructure/observability/key-usage-file.js';
import { type LogOptions, pinoLogger } from '../infrastructure/observability/pino-logger.js';
import type { ProcessStatus } from '../infrastructure/observability/process-status.js';
import { SystemClock } from '../infrastructure/observability/system-clock.js';
import { Argon2Hasher } from '../infrastructure/security/argon2-hasher.js';
import type { DataFolder } from '../infrastructure/storage/data-folder.js';
import type { ServeOptions } from '../interfaces/cli/actions.js';
import { type HttpLimits, httpLimits } from '../interfaces/rest/connection/http-limits.js';
import { RestTransport } from '../interfaces/rest/rest-transport.js';
import type { Transport, TransportServices } from '../interfaces/transport.js';
import { buildContainer } from './container.js';
import { lockOwnFolder, recordOwner } from './data-folder-owner.js';
import { warnOfExposedKeys } from './exposed-keys.js';
import { missingConfig } from './missing-config.js';
import { ConfigReload } from './reload/config-reload.js';
import { firstKeysText, madeKeysText, type ShowKeys } from './show-keys.js';
import { EXIT_HANGS, exitProcess } from './shutdown.js';
import { type StartupReport, warnIfUnauthenticated } from './startup-report.js';
import { checkTransports, type TransportFactory, type TransportKinds, transportKinds } from './transports.js';
import { warnOfUnclaimed } from './unclaimed-data.js';

/** A server that accepts requests. */
export interface RunningServer extends StartupReport {
  readonly log: Logger;
  /** Reads the configuration again, as `ConfigReload` does. Never rejects. */
  reload(): Promise<void>;
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

/** Starts the server. Rejects with `invalid` if the configuration is wrong, with `unavailable` if it cannot start. */
export async function startServer(
  options: ServeOptions,
  version: string,
  overrides: StartOverrides = {},
): Promise<RunningServer> {
  requireHashAddon();
  const { kinds = transportKinds, socketPath, show = async () => undefined } = overrides;
  const file = new ConfigFile(resolve(options.config));
  const hasher = new Argon2Hasher();
  const before = await loadConfig(file, hasher);
  if (before === undefined && options.init !== true) throw missingConfig(file.path);
  const factories = await checkTransports(before?.settings.transports ?? [], kinds);
  const pair = { file, config: before, folder: dataFolderOf(options, before, file) };
  const folder = await lockOwnFolder(pair, options.adopt === true);
  const stopping = new StopSequence();
  stopping.add(() => folder.release());
  try {
    await refuseMountedFiles(folder.path);
    await file.recover();
    await removeLeftovers(file.path);
    const showFirst = (keys: FirstKeys) => show(firstKeysText(keys));
    const firstKeys = before === undefined ? await writeFirstConfig(file, hasher, showFirst) : undefined;
    const { settings } = before ?? ((await loadConfig(file, hasher)) as LoadedConfig);
    const log = await pinoLogger(logOptions(options, settings.system.logging));
    await recordOwner(pair, settings, options.adopt === true, log);
    const hashed = await hashPlainKeys(settings, file, hasher);
    const showMade = (keys: readonly ShownKey[]) => show(madeKeysText(keys));
    const madeKeys = socketPath === undefined ? await generateMissingKeys(settings, file, hasher, showMade, log) : [];
    for (const warning of hashed) log.warn({}, warning);
    const container = buildContainer({
      file,
      settings,
      dataFolder: folder.path,
      fileSystem: await probeDataFolder(folder.path, log),
      version,
      log,
      clock: overrides.clock ?? new SystemClock(),
      hasher,
      limits: overrides.limits ?? httpLimits,
      authenticate: socketPath === undefined,
      abortProcess: (reason) => {
        log.error({}, `${reason}; giving up with exit code ${EXIT_HANGS}`);
        exitProcess(EXIT_HANGS);
      },
    });
    await openStores(container, stopping);
    await warnOfUnclaimed(container.resolve(UnclaimedProjects), folder.path, file.path, log);
    const certificates: ServerCertificate[] = [];
    const services = servicesOf(container, file, log, certificates);
    const transports = transportsFor(
      options,
      settings,
      services,
      socketPath === undefined ? factories : [],
      socketPath,
    );
    const addresses = await listenAll(transports, stopping);
    if (socketPath === undefined) {
      await folder.announce(addresses[0] ?? '');
      reportState(container, options, settings, file, folder, log);
      warnOfExposedKeys(addresses, settings, container.resolve<Projects>(Projects).list(), log);
    }
    const [address = '', ...others] = addresses;
    const stop = (graceMs = 0) => stopping.run(graceMs);
    const hasFixedLevel = options.logLevel !== undefined;
    const checked = (next: Settings) => checkTransports(next.transports, kinds);
    const reloadable = {
      file,
      settings,
      container,
      hasher,
      log,
      certificates,
      hasFixedLevel,
      checkTransports: checked,
    };
    const configReload = new ConfigReload(reloadable);
    const reload = () => configReload.run();
    return { address, others, dataFolder: folder.path, firstKeys, madeKeys, log, reload, stop };
  } catch (error) {
    await stopping.run(0);
    throw error;
  }
}

/** The steps that stop a server, run in the reverse order of its start. */
class StopSequence {
  readonly #steps: ((graceMs: number) => Promise<void>)[] = [];

  add(...steps: ((graceMs: number) => Promise<void>)[]): void {
    this.#steps.push(...steps);
  }

  async run(graceMs: number): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step(graceMs);
  }
}

async function openStores(container: DependencyContainer, stopping: StopSequence): Promise<void> {
  const [usage, audit] = [container.resolve<KeyUsageFile>(KeyUsage), container.resolve<AuditFile>(Audit)];
  const [keyspaces, migrations] = [container.resolve(KeyspaceRegistry), container.resolve(Migrations)];
  const [snapshots, space] = [container.resolve(SnapshotScheduler), container.resolve(FreeSpace)];
  await usage.start();
  stopping.add(
    () => audit.stop(),
    () => usage.stop(),
    () => snapshots.idle(),
    () => keyspaces.close(),
    () => migrations.cancel(),
  );
  await space.start();
  stopping.add(async () => space.stop());
  await keyspaces.start(() => container.resolve<ProcessStatus>(SystemStatus).begin());
  snapshots.start();
  stopping.add(async () => snapshots.stop());
}

function servicesOf(
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
function transportsFor(
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

async function listenAll(transports: readonly Transport[], stopping: StopSequence): Promise<readonly string[]> {
  const addresses: string[] = [];
  for (const transport of transports) {
    addresses.push(await transport.listen());
    stopping.add((graceMs) => transport.close(graceMs));
  }
  return addresses;
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

function logOptions({ logLevel }: ServeOptions, configured: LogOptions): LogOptions {
  return { format: configured.format, level: (logLevel as LogOptions['level'] | undefined) ?? configured.level };
}

/** Runs in the background: there may be many files. */
async function warnOfPermissions(paths: readonly string[], log: Logger): Promise<void> {
  for (const warning of await permissionWarnings(paths)) log.warn({}, warning);
}
