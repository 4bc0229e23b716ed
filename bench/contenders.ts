import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A running server and how to talk to it. */
export interface Contender {
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly pids: readonly number[];
  /** The path of a key for reading, and how a put of a value looks. */
  path(key: string): string;
  put(key: string, value: string): { readonly method: string; readonly path: string; readonly body: string };
  stop(): Promise<void>;
}

const here = import.meta.dirname;
const root = join(here, '../..');
/** Servers run on the first processor, the load on the second. */
const SERVER_CPU = ['-c', '0'];

/** Whether a program is installed. */
export function installed(...programs: readonly string[]): boolean {
  return programs.every((program) => {
    try {
      execFileSync('which', [program]);
      return true;
    } catch {
      return false;
    }
  });
}

/** PortKV with one project on the engine; `settings` are further settings of its storage. */
export async function portkv(engine: string, settings: object = {}): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'portkv-bench-'));
  const port = await freePort();
  const config = join(folder, 'config.json');
  const child = start(
    process.execPath,
    [join(root, 'bin/portkv.js'), 'serve', '--config', config, '--port', String(port)],
    folder,
  );
  const url = `http://127.0.0.1:${port}`;
  await ready(`${url}/livez`);
  const system = /SYSTEM_KEY=(\S+)/.exec(readFileSync(join(folder, 'out'), 'utf8'))?.[1] ?? '';
  const created = await fetch(`${url}/api/v1/projects`, {
    method: 'POST',
    headers: { 'X-API-Key': system },
    body: JSON.stringify({ id: 'bench', storage: { engine, ...settings } }),
  });
  const { data } = (await created.json()) as { data: { new_api_key: string } };
  return {
    name: `portkv ${engine}`,
    url,
    headers: { 'X-API-Key': data.new_api_key },
    pids: [child.pid as number],
    path: (key) => `/api/v1/projects/bench/values/${key}`,
    put: (key, body) => ({ method: 'PUT', path: `/api/v1/projects/bench/values/${key}`, body }),
    stop: () => stop([child], folder),
  };
}

/** A server of this folder: `bare`, `express` or `unstorage-memory`, `unstorage-fs`. */
export async function local(name: string): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'portkv-bench-'));
  const port = await freePort();
  const child = start(process.execPath, [join(here, 'servers.js'), name, String(port), folder], folder);
  const url = `http://127.0.0.1:${port}`;
  await ready(url);
  return {
    name,
    url,
    headers: {},
    pids: [child.pid as number],
    path: (key) => `/${key}`,
    put: (key, body) => ({ method: 'PUT', path: `/${key}`, body }),
    stop: () => stop([child], folder),
  };
}

/** webdis before Redis; `durable`: every write is fsynced before it is answered. */
export async function webdis(durable: boolean): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'portkv-bench-'));
  const [redisPort, port] = [await freePort(), await freePort()];
  const durability = durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
  const redis = ['--port', String(redisPort), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...durability];
  const config = {
    redis_host: '127.0.0.1',
    redis_port: redisPort,
    http_host: '127.0.0.1',
    http_port: port,
    threads: 1,
    pool_size: 20,
    daemonize: false,
    websockets: false,
    database: 0,
    verbosity: 0,
    logfile: join(folder, 'webdis.log'),
    acl: [{ disabled: [] }],
  };
  writeFileSync(join(folder, 'webdis.json'), JSON.stringify(config));
  const children = [start('redis-server', redis, folder), start('webdis', [join(folder, 'webdis.json')], folder)];
  const url = `http://127.0.0.1:${port}`;
  await ready(`${url}/PING`);
  return {
    name: durable ? 'webdis + Redis, fsync' : 'webdis + Redis',
    url,
    headers: {},
    pids: children.map((child) => child.pid as number),
    path: (key) => `/GET/${key}`,
    put: (key, body) => ({ method: 'PUT', path: `/SET/${key}`, body }),
    stop: () => stop(children, folder),
  };
}

/** etcd by its JSON gateway. */
export async function etcd(): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'portkv-bench-'));
  const [port, peer] = [await freePort(), await freePort()];
  const [client, peers] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peer}`];
  const names = ['--data-dir', join(folder, 'data'), '--name', 'bench', '--log-level', 'error'];
  const urls = ['--listen-client-urls', client, '--advertise-client-urls', client, '--listen-peer-urls', peers];
  const cluster = ['--initial-advertise-peer-urls', peers, '--initial-cluster', `bench=${peers}`];
  const child = start('etcd', [...names, ...urls, ...cluster], folder);
  await ready(`${client}/health`);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return {
    name: 'etcd gateway',
    url: client,
    headers: {},
    pids: [child.pid as number],
    path: () => '/v3/kv/range',
    put: (key, value) => ({
      method: 'POST',
      path: '/v3/kv/put',
      body: JSON.stringify({ key: base64(key), value: base64(value) }),
    }),
    stop: () => stop([child], folder),
  };
}

function start(command: string, args: readonly string[], folder: string): ChildProcess {
  const script = `exec taskset ${SERVER_CPU.join(' ')} "$0" "$@" >>"${join(folder, 'out')}" 2>>"${join(folder, 'err')}"`;
  return spawn('sh', ['-c', script, command, ...args], { stdio: 'ignore' });
}

async function stop(children: readonly ChildProcess[], folder: string): Promise<void> {
  for (const child of children) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 6_000);
    await ended;
    clearTimeout(late);
  }
  rmSync(folder, { recursive: true, force: true });
}

async function ready(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      await fetch(url);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error(`${url} does not answer`);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
