import type { Bench } from '../bench.js';
import { bareRedis, portkv, redis } from '../contenders.js';
import { load } from '../load.js';
import { installed } from '../processes.js';
import { redisLoader } from '../redis-load.js';
import { table } from '../report.js';
import { readOne } from '../workloads.js';

const [CONNECTIONS, PIPELINE] = [64, 16];
const hasRedis = installed('redis-server', 'redis-benchmark', 'taskset');
const pipelined = (name: string) => `${name}, ${PIPELINE} at once`;
const read = { command: 'get', connections: CONNECTIONS, keys: 1000, pipeline: 1 } as const;
/** So many keys that clients seldom write the same one at a time: those would wait for each other's sync. */
const write = { command: 'set', connections: CONNECTIONS, keys: 1_000_000, pipeline: 1 } as const;

/** Reads by the Redis protocol, of PortKV, of Redis and of a bare server, and by REST. */
export async function redisReads(bench: Bench): Promise<void> {
  if (!hasRedis) return;
  const [ours, theirs, bare] = await Promise.all([portkv('memory'), redis(false), bareRedis()]);
  await bench.prepare(ours);
  for (const contender of [ours, theirs, bare]) await redisLoader(contender, { ...read, command: 'set' })(1);
  const many = { ...read, pipeline: PIPELINE };
  const { folder } = bench;
  const rest = { requests: readOne(ours), connections: CONNECTIONS, folder };
  const rows = await bench.inRounds([
    { name: ours.name, load: redisLoader(ours, read) },
    { name: theirs.name, load: redisLoader(theirs, read) },
    { name: bare.name, load: redisLoader(bare, read) },
    { name: pipelined(ours.name), load: redisLoader(ours, many) },
    { name: pipelined(theirs.name), load: redisLoader(theirs, many) },
    { name: pipelined(bare.name), load: redisLoader(bare, many) },
    { name: 'portkv memory, REST', load: (seconds) => load(ours, { ...rest, seconds }) },
  ]);
  bench.addSection('GET by the Redis protocol, 100 bytes, 64 connections', table(rows));
  bench.addRatio(rows, 'Redis protocol, GET, memory, against Redis', ours.name, theirs.name, 0.5);
  const [pipe, theirPipe] = [pipelined(ours.name), pipelined(theirs.name)];
  bench.addRatio(rows, `Redis protocol, GET, memory, ${PIPELINE} in a pipeline, against Redis`, pipe, theirPipe, 0.45);
  bench.addRatio(
    rows,
    `Redis protocol, GET, memory, ${PIPELINE} in a pipeline, against REST`,
    pipe,
    'portkv memory, REST',
    4,
  );
  bench.addChart('redis-read', 'Reads a second by the Redis protocol, 64 connections', rows);
  await Promise.all([ours.stop(), theirs.stop(), bare.stop()]);
}

/** Durable writes by the Redis protocol, of PortKV and of Redis. */
export async function redisWrites(bench: Bench): Promise<void> {
  if (!hasRedis) return;
  const engines = ['json-file', 'lmdb'];
  const contenders = await Promise.all([...engines.map((engine) => portkv(engine)), redis(true)]);
  const runs = contenders.flatMap((contender) => [
    { name: contender.name, load: redisLoader(contender, write) },
    { name: pipelined(contender.name), load: redisLoader(contender, { ...write, pipeline: PIPELINE }) },
  ]);
  const rows = await bench.inRounds(runs);
  bench.addSection('Durable SET by the Redis protocol, 100 bytes, 64 connections', table(rows));
  for (const engine of engines) {
    const what = `Redis protocol, durable SET, ${engine}`;
    const [ours, theirs] = [`portkv ${engine}`, 'Redis, fsync'];
    bench.addRatio(rows, `${what}, against Redis with fsync`, ours, theirs, 0.5);
    bench.addRatio(
      rows,
      `${what}, ${PIPELINE} in a pipeline, against the same`,
      pipelined(ours),
      pipelined(theirs),
      0.5,
    );
  }
  bench.addChart('redis-write', 'Durable writes a second by the Redis protocol, 64 connections', rows);
  await Promise.all(contenders.map((contender) => contender.stop()));
}
