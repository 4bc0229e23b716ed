import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, fill } from '../bench.js';
import { type Contender, portkv, type Restartable } from '../contenders.js';
import { memoryOf } from '../load.js';
import { table } from '../report.js';
import { type Workload, writeMany, ycsb } from '../workloads.js';

/** The number of entries of a small store. */
const SMALL = 1000;
const KINDS = ['A', 'B', 'C', 'F'] as const;

/** YCSB on stores of several sizes. */
export async function ycsbLoads(bench: Bench): Promise<void> {
  const all = ['lmdb', 'json-file', 'memory'];
  await ycsbOn(bench, all, 10_000, 100);
  await ycsbOn(bench, all, 10_000, 1024);
  await ycsbOn(bench, all, bench.largeStore, 100);
  await ycsbOn(bench, ['lmdb'], bench.largeStore, 1024);
}

async function ycsbOn(bench: Bench, engines: readonly string[], entries: number, bytes: number): Promise<void> {
  const contenders = await Promise.all(engines.map((engine) => portkv(engine)));
  for (const contender of contenders) await fill(contender, entries, bytes);
  for (const connections of [64, 1]) {
    const runs = KINDS.flatMap((kind) =>
      contenders.map((contender) => ({
        contender,
        workload: ycsb(kind, entries, bytes),
        name: `YCSB ${kind}, ${contender.name}`,
      })),
    );
    const rows = await bench.interleaved(runs, connections);
    const from = connections === 1 ? 'one connection' : `${connections} connections`;
    bench.addSection(`${entries} entries of ${bytes} bytes, zipfian, ${from}`, table(rows));
  }
  await Promise.all(contenders.map((contender) => contender.stop()));
}

/** Compares a large store with a small one, in speed and memory. */
export async function growth(bench: Bench): Promise<void> {
  const { largeStore } = bench;
  for (const engine of ['lmdb', 'json-file', 'memory']) {
    const [small, large] = await Promise.all([portkv(engine), portkv(engine)]);
    await large.restart();
    // Ten seconds later the thread that hashed the key has ended and does not count as memory.
    await sleep(12_000);
    const before = memoryOf(large.pids[0] as number);
    await fill(small, SMALL, 100);
    await fill(large, largeStore, 100);
    const after = memoryOf(large.pids[0] as number);
    const of = (contender: Contender, entries: number, what: string, kind: 'A' | 'C') => ({
      contender,
      workload: ycsb(kind, entries, 100),
      name: `${what}, ${entries} entries`,
    });
    const rows = await bench.interleaved(
      [
        of(small, SMALL, 'GET', 'C'),
        of(large, largeStore, 'GET', 'C'),
        of(small, SMALL, 'PUT and GET', 'A'),
        of(large, largeStore, 'PUT and GET', 'A'),
      ],
      64,
    );
    const grown = after.anonymous - before.anonymous;
    bench.addSection(
      `Growth, ${engine}`,
      `${table(rows)}\n\nIdle ${(before.resident / 1e6).toFixed(0)} MB resident; ` +
        `${largeStore} entries add ${(grown / 1e6).toFixed(0)} MB of anonymous memory.`,
    );
    for (const what of engine === 'memory' ? [] : ['GET', 'PUT and GET']) {
      const name = `${what} at ${largeStore} entries against ${SMALL}, ${engine}`;
      bench.addRatio(rows, name, `${what}, ${largeStore} entries`, `${what}, ${SMALL} entries`, 0.8);
    }
    if (engine === 'lmdb') {
      bench.ratios.push({ what: 'idle memory, MB', value: before.resident / 1e6, goal: 90, atMost: true });
      const what = `anonymous memory that ${largeStore} entries add, lmdb, MB`;
      bench.ratios.push({ what, value: grown / 1e6, goal: 100, atMost: true });
    }
    if (engine === 'memory') {
      const what = 'memory of an entry beyond key and value, memory, bytes';
      bench.ratios.push({ what, value: grown / largeStore - 111, goal: 350, atMost: true });
    }
    if (engine !== 'memory') await restart(bench, large, engine);
    await Promise.all([small.stop(), large.stop()]);
  }
}

/** Measures the time from the start of the process until the store serves requests. */
async function restart(bench: Bench, contender: Restartable, engine: string): Promise<void> {
  const seconds = await contender.restart();
  const goal = engine === 'lmdb' ? 1.5 : 6;
  bench.ratios.push({
    what: `ready with ${bench.largeStore} entries, ${engine}, s`,
    value: seconds,
    goal,
    atMost: true,
  });
}

export async function encryption(bench: Bench): Promise<void> {
  const keyFile = join(bench.folder, 'key');
  writeFileSync(keyFile, `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 });
  const [plain, encrypted] = await Promise.all([portkv('lmdb'), portkv('lmdb', { encryption: { key_file: keyFile } })]);
  for (const contender of [plain, encrypted]) await fill(contender, SMALL, 100);
  const both = (workload: Workload, what: string) => [
    { contender: plain, workload, name: `${what}, plain` },
    { contender: encrypted, workload, name: `${what}, encrypted` },
  ];
  const rows = await bench.interleaved([...both(ycsb('C', SMALL, 100), 'GET'), ...both(writeMany(100), 'PUT')], 64);
  bench.addSection('Encryption, lmdb', table(rows));
  for (const what of ['GET', 'PUT']) {
    bench.addRatio(rows, `${what} encrypted against plain`, `${what}, encrypted`, `${what}, plain`, 0.85);
  }
  await Promise.all([plain.stop(), encrypted.stop()]);
}
