import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { RedisContender } from './contenders.js';
import { cpuOf, type Sample } from './load.js';

const run = promisify(execFile);

/** A load of one command of the Redis protocol on random keys, with values of 100 bytes. */
export interface RedisLoad {
  readonly command: 'get' | 'set';
  readonly connections: number;
  /** How many different keys there are. */
  readonly keys: number;
  /** How many commands a connection sends before it waits for their replies. */
  readonly pipeline: number;
}

/** The first load, from which follows how many commands take so many seconds. */
const FIRST_COUNT = 20_000;

/** Puts the load on a server with redis-benchmark, which runs on the second processor. */
export function redisLoader(contender: RedisContender, load: RedisLoad): (seconds: number) => Promise<Sample> {
  let rate: number | undefined;
  return async (seconds) => {
    rate ??= (await benchmark(contender, load, FIRST_COUNT)).rate;
    const count = Math.ceil(rate * seconds);
    const before = cpuOf(contender.pids);
    const sample = await benchmark(contender, load, count);
    rate = sample.rate;
    return { ...sample, cpu: ((cpuOf(contender.pids) - before) * 1e6) / count, failed: 0 };
  };
}

/** Rejects if the server returns an error. */
async function benchmark(
  { redisPort, login }: RedisContender,
  { command, connections, keys, pipeline }: RedisLoad,
  count: number,
): Promise<Omit<Sample, 'cpu' | 'failed'>> {
  const server = ['-h', '127.0.0.1', '-p', String(redisPort), ...(login ? ['--user', login[0], '-a', login[1]] : [])];
  const amount = ['-c', String(connections), '-P', String(pipeline), '-n', String(count)];
  const kind = ['-t', command, '-r', String(keys), '-d', '100', '--csv'];
  const { stdout } = await run('taskset', ['-c', '1', 'redis-benchmark', ...server, ...amount, ...kind]);
  // The columns are the command, its rate, and the average, least, p50, p95, p99 and highest latency in ms.
  const fields = /^"(?:GET|SET)",(.*)$/m.exec(stdout)?.[1]?.split(',') ?? [];
  const [rate, , , p50, , p99] = fields.map((field) => Number(field.replaceAll('"', '')));
  if (rate === undefined || p50 === undefined || p99 === undefined) throw new Error(stdout);
  return { rate, p50, p99 };
}
