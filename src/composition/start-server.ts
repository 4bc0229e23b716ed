import type { Server } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import type { Clock } from '../application/ports/clock.js';
import type { Logger } from '../application/ports/logger.js';
import { AppError } from '../domain/errors.js';
import { ConfigFile } from '../infrastructure/config/config-file.js';
import { writeFirstConfig } from '../infrastructure/config/first-config.js';
import { generateMissingKeys } from '../infrastructure/config/generate-missing-keys.js';
import { hashPlainKeys } from '../infrastructure/config/hash-plain-keys.js';
import { type LoadedConfig, loadConfig } from '../infrastructure/config/load-config.js';
import { ServerCertificate } from '../infrastructure/config/server-certificate.js';
import { removeLeftovers } from '../infrastructure/files/durable-file.js';
import { permissionWarnings } from '../infrastructure/files/file-permissions.js';
import { type LogOptions, pinoLogger } from '../infrastructure/observability/pino-logger.js';
import { SystemClock } from '../infrastructure/observability/system-clock.js';
import { Argon2Hasher } from '../infrastructure/security/argon2-hasher.js';
import { lockDataFolder } from '../infrastructure/storage/data-folder.js';
import type { ServeOptions } from '../interfaces/cli/actions.js';
import { closeServer } from '../interfaces/rest/connection/close-server.js';
import { type HttpLimits, httpLimits } from '../interfaces/rest/connection/http-limits.js';
import { createRestServer, tlsOptionsOf } from '../interfaces/rest/rest-server.js';
import { buildContainer } from './container.js';
import { exitProcess } from './exit-process.js';
import { GAVE_UP, stopOnSignals } from './shutdown.js';
import { printStartupReport, type StartupReport, warnIfUnauthenticated } from './startup-report.js';

/** How long a client has at a signal to use its connection once more, and be told that it ends, in ms. */
const QUIET = 300;

/** A server that accepts requests. */
export interface RunningServer extends StartupReport {
  readonly log: Logger;
  /**
   * Stops accepting, finishes what runs, closes every store, frees the data folder. Connections in use are told to end; those that are
   * not used for `quiet` ms are cut.
   */
  stop(quiet?: number): Promise<void>;
}

/** Starts the server, announces it, and keeps it running until a signal stops it. */
export async function serve(options: ServeOptions, version: string): Promise<void> {
  const server = await start(options, version);
  stopOnSignals(() => server.stop(QUIET), server.log);
  printStartupReport(server, version);
}

/**
 * Starts the server. Where `socketPath` is given, it listens there only and asks for no key. Rejects with `invalid` where the configuration does not hold, with `unavailable` where it cannot start.
 */
export async function start(
  options: ServeOptions,
  version: string,
  clock: Clock = new SystemClock(),
  limits: HttpLimits = httpLimits,
  socketPath?: string,
): Promise<RunningServer> {
  const file = new ConfigFile(resolve(options.config));
  const hasher = new Argon2Hasher();
  const before = await loadConfig(file, hasher);
  const folder = await lockDataFolder(dataFolderOf(options, before, file));
  const opened: (() => Promise<void>)[] = [folder.release];
  let quiet = 0;
  const stop = async (wait = 0) => {
    quiet = wait;
    for (const close of opened.splice(0).reverse()) await close();
  };
  try {
    await removeLeftovers(file.path);
    const firstKeys = before === undefined ? await writeFirstConfig(file, hasher) : undefined;
    const { settings, warnings } = before ?? ((await loadConfig(file, hasher)) as LoadedConfig);
    const log = await pinoLogger(logOptions(options, settings.system.logging));
    const found = await hashPlainKeys(settings, file, hasher);
    const madeKeys = socketPath === undefined ? await generateMissingKeys(settings, file, hasher, log) : [];
    for (const warning of [...warnings, ...found]) log.warn({}, warning);
    const abortProcess = (reason: string) => {
      log.error({}, `${reason}; giving up with exit code ${GAVE_UP}`);
      exitProcess(GAVE_UP);
    };
    const app = buildContainer({
      file,
      settings,
      dataFolder: folder.path,
      version,
      log,
      clock,
      hasher,
      limits,
      abortProcess,
      authenticate: socketPath === undefined,
    });
    await app.keyUses.start();
    opened.push(
      () => app.audit.stop(),
      () => app.keyUses.stop(),
      () => app.snapshotRoutine.idle(),
      () => app.keyspaces.close(),
      () => app.migrations.cancel(),
    );
    await app.space.start();
    opened.push(async () => app.space.stop());
    await app.keyspaces.start(() => app.status.begin());
    app.snapshotRoutine.start();
    opened.push(async () => app.snapshotRoutine.stop());
    const certificate =
      socketPath === undefined && settings.server_tls
        ? new ServerCertificate(settings.server_tls, file.path)
        : undefined;
    const server = createRestServer(app.routes, app.endpoint, limits, await certificate?.read());
    const host = options.host ?? settings.server_host;
    await listen(server, socketPath ?? { host, port: options.port ?? settings.server_port });
    opened.push(() => closeServer(server, quiet));
    opened.push(async () => app.watches.close());
    if (certificate !== undefined && server instanceof TlsServer) {
      const unwatch = certificate.watch((next) => server.setSecureContext(tlsOptionsOf(next, limits)), log);
      opened.push(async () => unwatch());
    }
    for (const { id, storage } of app.projects.list()) log.info({ project: id, engine: storage.engine }, 'project');
    void warnOfWideFiles([file.path, folder.path], log);
    if (socketPath === undefined) warnIfUnauthenticated(host, settings, app.projects.list(), log);
    return { address: addressOf(server, host), dataFolder: folder.path, firstKeys, madeKeys, log, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function dataFolderOf(options: ServeOptions, config: LoadedConfig | undefined, file: ConfigFile): string {
  if (options.data !== undefined) return resolve(options.data);
  return config?.dataFolder ?? resolve(file.path, '..', 'storage_data');
}

function logOptions({ logLevel }: ServeOptions, configured: LogOptions): LogOptions {
  return { format: configured.format, level: (logLevel as LogOptions['level'] | undefined) ?? configured.level };
}

interface Address {
  readonly host: string;
  readonly port: number;
}

function listen(server: Server | TlsServer, where: string | Address): Promise<void> {
  return new Promise((done, fail) => {
    const onError = (error: NodeJS.ErrnoException) => fail(listenProblem(error, where));
    server.once('error', onError);
    server.listen(where, () => {
      server.off('error', onError);
      done();
    });
  });
}

function listenProblem(error: NodeJS.ErrnoException, where: string | Address): AppError {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another program uses that port; choose one with --port, or 0 for a free one',
    EACCES: 'that port is not allowed to this user; choose one from 1024 on with --port',
    EADDRNOTAVAIL: 'this machine has no such address; choose one with --host',
    ENOTFOUND: 'there is no such host; choose an address with --host',
  };
  const reason = reasons[error.code ?? ''] ?? error.message;
  const place = typeof where === 'string' ? where : `${where.host}, port ${where.port}`;
  return new AppError('unavailable', `Cannot listen on ${place}: ${reason}`, { cause: error });
}

function addressOf(server: Server | TlsServer, host: string): string {
  const { port } = server.address() as AddressInfo;
  return `${server instanceof TlsServer ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Nobody waits for that: there may be many files. */
async function warnOfWideFiles(paths: readonly string[], log: Logger): Promise<void> {
  for (const warning of await permissionWarnings(paths)) log.warn({}, warning);
}
