import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accepting, freePort, ready, start, stop, terminate } from './processes.js';

/** One request of a load, without the headers that every request of the connection has. */
export interface LoadRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
}

/** A running server and the requests that it understands. */
export interface Contender {
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly pids: readonly number[];
  get(key: string): LoadRequest;
  put(key: string, value: string): LoadRequest;
  stop(): Promise<void>;
}

/** A server that speaks the Redis protocol. */
export interface RedisContender {
  readonly name: string;
  readonly redisPort: number;
  /** The user and the password; none if the server needs none. */
  readonly login?: readonly [user: string, password: string];
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** PortKV, which can be stopped and started again on the same data. */
export interface Restartable extends Contender, RedisContender {
  /** Resolves when the data is served again, with the seconds since the start of the new process. */
  restart(): Promise<number>;
}

const here = import.meta.dirname;
const root = join(here, '../..');

/** PortKV with one project on the engine, with other settings of its storage, and limits. */
export async function portkv(engine: string, settings: object = {}, limits: object = {}): Promise<Restartable> {
  const folder = mkdtempSync(join(tmpdir(), 'portkv-bench-'));
  const [port, redisPort] = [await freePort(), await freePort()];
  const serve = [
    join(root, 'bin/portkv.js'),
    'serve',
    '--config',
    join(folder, 'config.json'),
    '--init',
    '--port',
    String(port),
    '--redis-port',
    String(redisPort),
  ];
  const url = `http://127.0.0.1:${port}`;
  // The environment that packaging/portkv.service and the Dockerfile set.
  const run = () => start('env', ['MALLOC_MMAP_THRESHOLD_=1048576', process.execPath, ...serve], folder);
  let child = run();
  await ready(`${url}/livez`);
  const system = /SYSTEM_KEY=(\S+)/.exec(readFileSync(join(folder, 'out'), 'utf8'))?.[1] ?? '';
  const created = await fetch(`${url}/api/v1/projects`, {
    method: 'POST',
    headers: { 'X-API-Key': system },
    body: JSON.stringify({ id: 'bench', storage: { engine, ...settings }, limits }),
  });
  const { data } = (await created.json()) as { data: { new_api_key: string } };
  const headers = { 'X-API-Key': data.new_api_key };
  const path = (key: string) => `/api/v1/projects/bench/values/${key}`;
  return {
    name: `portkv ${engine}`,
    url,
    headers,
    redisPort,
    login: ['bench', data.new_api_key],
    get pids() {
      return [child.pid as number];
    },
    get: (key) => ({ method: 'GET', path: path(key) }),
    put: (key, body) => ({ method: 'PUT', path: path(key), body }),
    stop: () => stop([child], folder),
    restart: async () => {
      await terminate(child);
      const began = performance.now();
      child = run();
      await ready(url + path('any'), headers);
      return (performance.now() - began) / 1000;
    },
  };
}

/** One of the servers in servers.ts: `bare`, `express`, `unstorage-memory` or `unstorage-fs`. */
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
    get: (key) => ({ method: 'GET', path: `/${key}` }),
    put: (key, body) => ({ method: 'PUT', path: `/${key}`, body }),
    stop: () => stop([child], folder),
  };
}

/** Redis. If `durable`, it calls fsync before it acknowledges a write. */
export async function redis(durable: boolean): Promise<RedisContender> {
  const folder = mkdtempSync(join(tmpdir(), 'portkv-bench-'));
  const port = await freePort();
  const child = start('redis-server', redisArguments(port, folder, durable), folder);
  await accepting(port);
  return {
    name: durable ? 'Redis, fsync' : 'Redis',
    redisPort: port,
    pids: [child.pid as number],
    stop: () => stop([child], folder),
  };
}

/** A bare `node:net` server that knows GET and SET alone: as fast as a server in JavaScript can be. */
export async function bareRedis(): Promise<RedisContender> {
  const folder = mkdtempSync(join(tmpdir(), 'portkv-bench-'));
  const port = await freePort();
  const child = start(process.execPath, [join(here, 'bare-redis.js'), String(port)], folder);
  await accepting(port);
  return { name: 'bare node:net', redisPort: port, pids: [child.pid as number], stop: () => stop([child], folder) };
}

function redisArguments(port: number, folder: string, durable: boolean): readonly string[] {
  const durability = durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
  return ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...durability];
}

/** webdis in front of Redis. If `durable`, Redis calls fsync before it acknowledges a write. */
export async function webdis(durable: boolean): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'portkv-bench-'));
  const [redisPort, port] = [await freePort(), await freePort()];
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
  const redisServer = start('redis-server', redisArguments(redisPort, folder, durable), folder);
  const children = [redisServer, start('webdis', [join(folder, 'webdis.json')], folder)];
  const url = `http://127.0.0.1:${port}`;
  await ready(`${url}/PING`);
  return {
    name: durable ? 'webdis + Redis, fsync' : 'webdis + Redis',
    url,
    headers: {},
    pids: children.map((child) => child.pid as number),
    get: (key) => ({ method: 'GET', path: `/GET/${key}` }),
    put: (key, body) => ({ method: 'PUT', path: `/SET/${key}`, body }),
    stop: () => stop(children, folder),
  };
}

/** etcd through its JSON gateway. */
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
    get: (key) => ({ method: 'POST', path: '/v3/kv/range', body: JSON.stringify({ key: base64(key) }) }),
    put: (key, value) => ({
      method: 'POST',
      path: '/v3/kv/put',
      body: JSON.stringify({ key: base64(key), value: base64(value) }),
    }),
    stop: () => stop([child], folder),
  };
}
