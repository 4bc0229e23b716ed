import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../harness/free-port.js';
import { type RedisServer, startRedis } from './redis-server.js';

/** Several Redis servers that belong together. */
export interface RedisGroup {
  /** Where clients begin: nodes of a cluster, or sentinels. */
  readonly url: string;
  readonly servers: readonly RedisServer[];
  remove(): Promise<void>;
}

const FAST = { appendonly: 'no', 'repl-diskless-sync-delay': 0 };
const TIMEOUT = 1_000;

/** A Redis Cluster of three masters, each with a replica. */
export async function startRedisCluster(): Promise<RedisGroup> {
  const servers: RedisServer[] = [];
  for (let i = 0; i < 6; i++) {
    const bus = await freePort();
    const cluster = { 'cluster-enabled': 'yes', 'cluster-node-timeout': TIMEOUT, 'cluster-port': bus };
    servers.push(await startRedis({ ...FAST, ...cluster }));
  }
  for (const server of servers) await until(server, ['PING'], 'PONG');
  const nodes = servers.map(({ port }) => `127.0.0.1:${port}`);
  const create = ['--cluster', 'create', ...nodes, '--cluster-replicas', '1', '--cluster-yes'];
  await promisify(execFile)('redis-cli', create);
  for (const server of servers) {
    await until(server, ['CLUSTER', 'INFO'], 'cluster_state:ok');
    await until(server, ['INFO', 'replication'], /connected_slaves:1|master_link_status:up/);
  }
  return { url: servers.map(({ url }) => url).join(), servers, remove: () => removeAll(servers) };
}

/** A master, a replica, and three sentinels that know it as `main`. */
export async function startRedisSentinels(): Promise<RedisGroup> {
  const master = await startRedis(FAST);
  const replica = await startRedis({ ...FAST, replicaof: `127.0.0.1 ${master.port}` });
  const servers = [master, replica];
  await until(replica, ['INFO', 'replication'], 'master_link_status:up');
  const folder = await mkdtemp(join(tmpdir(), 'portkv-sentinels-'));
  const ports = [await freePort(), await freePort(), await freePort()];
  const children = await Promise.all(
    ports.map(async (port) => {
      const file = join(folder, `${port}.conf`);
      const lines = [
        ...[`port ${port}`, 'bind 127.0.0.1', `dir ${folder}`],
        `sentinel monitor main 127.0.0.1 ${master.port} 2`,
        `sentinel down-after-milliseconds main ${TIMEOUT}`,
      ];
      await writeFile(file, `${lines.join('\n')}\n`);
      return spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
    }),
  );
  const known = /num-slaves\n1\n[\s\S]*num-other-sentinels\n2\n/;
  for (const port of ports) {
    const command = async (...words: string[]) =>
      (await promisify(execFile)('redis-cli', ['-p', `${port}`, ...words])).stdout;
    await until({ command }, ['SENTINEL', 'MASTER', 'main'], known);
  }
  return {
    url: ports.map((port) => `redis://127.0.0.1:${port}`).join(),
    servers,
    remove: async () => {
      for (const child of children) {
        const ended = once(child, 'exit');
        if (child.exitCode === null && child.kill('SIGKILL')) await ended;
      }
      await removeAll(servers);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function until(
  server: Pick<RedisServer, 'command'>,
  words: readonly string[],
  expected: string | RegExp,
): Promise<void> {
  for (;;) {
    const text = (await server.command(...words).catch(() => '')).replaceAll('\r', '');
    if (typeof expected === 'string' ? text.includes(expected) : expected.test(text)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function removeAll(servers: readonly RedisServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server.remove()));
}
