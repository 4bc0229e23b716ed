import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import type { Logger } from './application/ports/logger.js';
import { buildContainer } from './container.js';
import { ConfigFile } from './infrastructure/config/config-file.js';
import { type FirstKeys, writeFirstConfig } from './infrastructure/config/first-config.js';
import { type LoadedConfig, loadConfig } from './infrastructure/config/load-config.js';
import { adoptPlainKeys } from './infrastructure/config/plain-keys.js';
import { type LogOptions, pinoLogger } from './infrastructure/observability/pino-logger.js';
import { SystemClock } from './infrastructure/observability/system-clock.js';
import { Argon2Hasher } from './infrastructure/security/argon2-hasher.js';
import { lockDataFolder } from './infrastructure/storage/data-folder.js';
import { engines } from './infrastructure/storage/engines.js';
import type { ServeOptions } from './interfaces/cli/program.js';
import { serverOf } from './interfaces/rest/server.js';

/** How long requests under way may take to finish at a stop, in ms. */
const GRACE = 4_000;

/** Starts the server and keeps it running until a signal stops it. */
export async function serve(options: ServeOptions, version: string): Promise<void> {
  const file = new ConfigFile(resolve(options.config));
  const hasher = new Argon2Hasher();
  const before = await loadConfig(file, engines, hasher);
  const folder = await lockDataFolder(dataFolderOf(options, before, file));
  let stop = (): Promise<void> => folder.release();
  try {
    const firstKeys = before === undefined ? await writeFirstConfig(file, hasher) : undefined;
    const { settings, warnings } = before ?? ((await loadConfig(file, engines, hasher)) as LoadedConfig);
    const log = pinoLogger(logOptions(options, settings.system.logging));
    for (const warning of [...warnings, ...(await adoptPlainKeys(settings, file, hasher))]) log.warn({}, warning);
    const clock = new SystemClock();
    const app = buildContainer({ file, settings, dataFolder: folder.path, version, log, clock, hasher });
    await app.keyspaces.start();
    const server = serverOf(app.routes, app.endpoint);
    stop = async () => {
      await closeServer(server);
      await app.keyspaces.close();
      await folder.release();
    };
    stopOnSignals(() => stop(), log);
    const host = options.host ?? settings.server_host;
    await listen(server, host, options.port ?? settings.server_port);
    announce(server, host, version, folder.path, firstKeys);
    for (const { id, storage } of app.projects.list()) log.info({ project: id, engine: storage.engine }, 'project');
    warnOfOpenDoors(
      host,
      [...(settings.system.authentication.enabled ? [] : ['the system']), ...open(app.projects)],
      log,
    );
  } catch (error) {
    await stop();
    throw error;
  }
}

function open(projects: { list(): readonly { id: string; authentication: { enabled: boolean } }[] }): string[] {
  return projects
    .list()
    .filter(({ authentication }) => !authentication.enabled)
    .map(({ id }) => `project '${id}'`);
}

function dataFolderOf(options: ServeOptions, config: LoadedConfig | undefined, file: ConfigFile): string {
  if (options.data !== undefined) return resolve(options.data);
  return config?.dataFolder ?? resolve(file.path, '..', 'storage_data');
}

function logOptions({ logLevel }: ServeOptions, configured: LogOptions): LogOptions {
  return { format: configured.format, level: (logLevel as LogOptions['level'] | undefined) ?? configured.level };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      done();
    });
  });
}

/** Stops accepting, lets what runs finish, and cuts off what does not. */
async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  const late = setTimeout(() => server.closeAllConnections(), GRACE);
  await new Promise<void>((done) => server.close(() => done()));
  clearInterval(idle);
  clearTimeout(late);
}

function stopOnSignals(stop: () => Promise<void>, log: Logger): void {
  let stopping = false;
  const onSignal = (signal: string) => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, 'stopping');
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the server could not stop in good order');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

function announce(server: Server, host: string, version: string, folder: string, keys: FirstKeys | undefined): void {
  const { port } = server.address() as AddressInfo;
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const lines = [`PortKV ${version} serves on ${address}`, `Data folder: ${folder}`];
  if (keys !== undefined) {
    lines.push(
      '',
      'These keys are shown only now; keep them:',
      `SYSTEM_KEY=${keys.system}`,
      `PROJECT_KEY=${keys.project}   # project ${keys.projectId}`,
      '',
    );
  }
  console.log(lines.join('\n'));
}

function warnOfOpenDoors(host: string, without: readonly string[], log: Logger): void {
  if (without.length === 0) return;
  const local = ['127.0.0.1', '::1', 'localhost'].includes(host);
  const whom = local ? 'on this machine' : `who reaches ${host}`;
  log.warn({}, `AUTHENTICATION IS OFF for ${without.join(', ')}: anybody ${whom} can read and change everything there`);
}
