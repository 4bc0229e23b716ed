import { execFile } from 'node:child_process';
import { chown, mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../harness/free-port.js';

const run = promisify(execFile);

/** A server of its own on loopback, its data in a folder that goes with it. */
export interface PostgresServer {
  /** Of the user and the database that the tests use. */
  readonly url: string;
  readonly port: number;
  /** Runs SQL as the superuser, and returns what `psql` prints. */
  sql(text: string): Promise<string>;
  /** `settings` replace those that it was made with, until the next start. */
  start(settings?: Readonly<Record<string, string>>): Promise<void>;
  stop(mode: 'fast' | 'immediate'): Promise<void>;
  /** Everything, as SQL that `restore` of another server takes. */
  dump(): Promise<string>;
  restore(dump: string): Promise<void>;
  /** A standby becomes the primary. */
  promote(): Promise<void>;
  remove(): Promise<void>;
}

/** Why no server can be started here; undefined if one can. */
export async function missingPostgres(): Promise<string | undefined> {
  return (await programs()) === undefined ? 'PostgreSQL is not installed (apt-get install postgresql)' : undefined;
}

/** The folder with initdb and pg_ctl, of the newest version: Debian has it outside the path. */
async function programs(): Promise<string | undefined> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => []);
  const [newest] = versions.sort((a, b) => Number(b) - Number(a));
  return newest === undefined ? undefined : join('/usr/lib/postgresql', newest, 'bin');
}

/** A folder in memory if there is room: what is tested here is no disk. Containers may have 64 MiB only. */
async function spaciousMemory(): Promise<string> {
  const { bavail, bsize } = await statfs('/dev/shm').catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize > 4 * 1024 ** 3 ? '/dev/shm' : '/tmp';
}

/**
 * `settings` are lines of postgresql.conf. With `primary` it becomes a standby of that server, named `standby`. Its
 * folder is made in `parent`. Rejects if PostgreSQL is missing.
 */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
  primary?: PostgresServer,
  parent?: string,
): Promise<PostgresServer> {
  const bin = await programs();
  if (bin === undefined) throw new Error(await missingPostgres());
  // Not below the folder for temporary files, which may be closed to the user of the server.
  const folder = await mkdtemp(join(parent ?? (await spaciousMemory()), 'portkv-postgres-'));
  const asRoot = process.geteuid?.() === 0;
  if (asRoot) {
    const { stdout } = await run('id', ['-u', 'postgres']);
    await chown(folder, Number(stdout), -1);
  }
  const call = (program: string, ...parameters: string[]) => {
    const [path, ...rest] = [join(bin, program), ...parameters];
    const command: [string, string[]] = asRoot
      ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', path, ...rest]]
      : [path, rest];
    return run(...command, { cwd: folder, env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } });
  };
  const data = join(folder, 'data');
  if (primary === undefined) {
    await call('initdb', '-D', data, '-U', 'portkv', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C');
  } else {
    const from = `host=127.0.0.1 port=${primary.port} user=portkv application_name=standby`;
    await call('pg_basebackup', '-D', data, '-R', '-X', 'stream', '--checkpoint=fast', '--no-sync', '-d', from);
  }
  const port = await freePort();
  const all = { port: `${port}`, listen_addresses: '127.0.0.1', unix_socket_directories: folder, ...settings };
  const start = async (changed: Readonly<Record<string, string>> = {}) => {
    const options = Object.entries({ ...all, ...changed })
      .map(([name, value]) => `-c ${name}='${value}'`)
      .join(' ');
    await call('pg_ctl', 'start', '-D', data, '-w', '-t', '60', '-l', join(folder, 'log'), '-o', options);
  };
  const stop = async (mode: string) => {
    await call('pg_ctl', 'stop', '-D', data, '-w', '-t', '60', '-m', mode);
  };
  await start();
  const client = ['-h', folder, '-p', `${port}`, '-U', 'portkv', '-d', 'postgres'];
  return {
    url: `postgres://portkv@127.0.0.1:${port}/postgres`,
    port,
    sql: async (text) => (await call('psql', ...client, '-Atc', text)).stdout,
    start,
    stop,
    dump: async () => (await call('pg_dump', ...client)).stdout,
    restore: async (dump) => {
      const file = join(folder, 'dump.sql');
      await writeFile(file, dump);
      await call('psql', ...client, '-v', 'ON_ERROR_STOP=1', '-qf', file);
    },
    promote: async () => {
      await call('pg_ctl', 'promote', '-D', data, '-w', '-t', '60');
    },
    remove: async () => {
      await stop('immediate').catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
