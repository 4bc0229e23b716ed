import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bench } from './bench.js';
import { backgroundWork, listing } from './parts/background-work.js';
import { bytesWritten } from './parts/bytes-written.js';
import { fanOut } from './parts/fan-out.js';
import { importing } from './parts/import.js';
import { manyAtOnce, reads, writes } from './parts/one-entry.js';
import { redisReads, redisWrites } from './parts/redis.js';
import { sharedStores } from './parts/shared-stores.js';
import { encryption, growth, ycsbLoads } from './parts/stores.js';
import { ratioTable, resultsPage } from './report.js';

/**
 * `npm run bench` runs all parts and writes bench/RESULTS.md. BENCH_SECONDS, BENCH_ROUNDS, BENCH_WARMING and
 * BENCH_ENTRIES make it shorter or longer. BENCH_ONLY names the parts to run, such as `reads,listing`; then the report
 * is only printed.
 */
const parts = {
  reads,
  writes,
  redisReads,
  redisWrites,
  manyAtOnce,
  encryption,
  growth,
  backgroundWork,
  listing,
  bytesWritten,
  importing,
  fanOut,
  ycsbLoads,
  sharedStores,
};
const only = process.env.BENCH_ONLY?.split(',');
const bench = new Bench(
  Number(process.env.BENCH_SECONDS ?? 2),
  Number(process.env.BENCH_ROUNDS ?? 5),
  Number(process.env.BENCH_WARMING ?? 4),
  Number(process.env.BENCH_ENTRIES ?? 1_000_000),
  only === undefined,
);
for (const [name, part] of Object.entries(parts)) {
  if (only !== undefined && !only.includes(name)) continue;
  await part(bench);
  // After each part, so that the results remain if a later part fails.
  if (only === undefined) writeFileSync(join(import.meta.dirname, '../../bench/RESULTS.md'), resultsPage(bench));
}
console.log(only === undefined ? ratioTable(bench.ratios) : resultsPage(bench));
bench.end();
