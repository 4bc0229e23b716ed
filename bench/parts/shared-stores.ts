import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { missingEtcd, startEtcd } from '../../test/cluster/etcd-server.js';
import { missingPostgres, startPostgres } from '../../test/cluster/postgres-server.js';
import { missingRedis, startRedis } from '../../test/cluster/redis-server.js';
import type { Bench, Run } from '../bench.js';
import { type Contender, portkv } from '../contenders.js';
import { load, type Sample } from '../load.js';
import { installed } from '../processes.js';
import { table } from '../report.js';
import { readMany, type Workload, writeMany } from '../workloads.js';

const CONNECTIONS = 64;
/** More than are written: each is new, so that it counts for a quota. */
const NEW_KEYS = 200_000;

/** The servers, as they come, and what PortKV has to reach of the rate of their own clients. */
const STORES = {
  etcd: { missing: missingEtcd, start: () => startEtcd(), goal: 0.6 },
  postgres: { missing: missingPostgres, start: () => startPostgres(), goal: 0.6 },
  redis: { missing: missingRedis, start: () => startRedis(), goal: 0.35 },
};

/**
 * PortKV on a store on a server, beside the client of that server and beside PortKV on `memory`, which shows what HTTP
 * takes by itself; and what a quota costs there.
 */
export async function sharedStores(bench: Bench): Promise<void> {
  if (!installed('taskset', 'wrk')) return;
  for (const [engine, { missing, start, goal }] of Object.entries(STORES)) {
    if ((await missing()) !== undefined) continue;
    pinTo('0');
    const store = await start();
    const storage = { options: { url: store.url } };
    const ours = await portkv(engine, storage);
    const local = await portkv('memory');
    const limited = await portkv(engine, storage, { max_keys: NEW_KEYS * 10 });
    for (const [operation, workload] of [
      ['put', writeMany(100)],
      ['get', readMany],
    ] as const) {
      const [name, direct] = [`portkv ${engine}`, `client of ${engine}`];
      const rows = await bench.inRounds([
        { name, load: loadOf(bench, ours, workload) },
        { name: direct, load: directLoad(engine, store.url, operation) },
        { name: local.name, load: loadOf(bench, local, workload) },
      ]);
      const title = `${operation.toUpperCase()} on ${engine}, 100 bytes, ${CONNECTIONS} at once`;
      bench.addSection(title, table(rows));
      bench.addRatio(rows, `${title}, against its client`, name, direct, goal);
    }
    const [free, quota] = [`portkv ${engine}`, `portkv ${engine}, max_keys`];
    const rows = await bench.inRounds([
      { name: free, load: loadOf(bench, ours, newKeys()) },
      { name: quota, load: loadOf(bench, limited, newKeys()) },
    ]);
    bench.addSection(`PUT of new keys on ${engine}, with and without a quota`, table(rows));
    bench.addRatio(rows, `PUT of new keys on ${engine} with a quota, against without`, quota, free, 0.5);
    await ours.stop();
    await local.stop();
    await limited.stop();
    await store.remove();
    pinTo('0,1');
  }
}

function loadOf(bench: Bench, contender: Contender, workload: Workload): Run['load'] {
  const { folder } = bench;
  return (seconds) => load(contender, { requests: workload(contender), connections: CONNECTIONS, seconds, folder });
}

/** Each call goes on with other keys. */
function newKeys(): Workload {
  let next = 0;
  return (contender) => {
    next += NEW_KEYS;
    return Array.from({ length: NEW_KEYS }, (_, i) => contender.put(`new-${next + i}`, 'x'.repeat(100)));
  };
}

function directLoad(engine: string, url: string, operation: string): Run['load'] {
  const program = join(import.meta.dirname, '../direct-client.js');
  return async (seconds): Promise<Sample> => {
    const parameters = [program, engine, url, operation, String(seconds)];
    const { stdout } = await promisify(execFile)(process.execPath, parameters);
    const { count, ms, cpu } = JSON.parse(stdout) as { count: number; ms: number; cpu: number };
    return { rate: (count / ms) * 1000, cpu: (cpu * 1000) / count, p50: Number.NaN, p99: Number.NaN, failed: 0 };
  };
}

/** This process, and all that it starts from now on: the servers are to run on the first processor. */
function pinTo(processors: string): void {
  execFileSync('taskset', ['-acp', processors, String(process.pid)]);
}
