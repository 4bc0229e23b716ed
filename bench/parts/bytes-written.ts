import { readFileSync } from 'node:fs';
import { type Bench, fill } from '../bench.js';
import { portkv } from '../contenders.js';
import { idle, load } from '../load.js';
import { entryKey, type Workload } from '../workloads.js';

/** Entries of the store before, which random keys replace. */
const ENTRIES = 100_000;
const LARGE = 1024 * 1024;
/** What is put: the size of a value, the number of keys, and from how many connections. */
const KINDS = [
  { bytes: 100, keys: ENTRIES, connections: 64 },
  { bytes: 100, keys: ENTRIES, connections: 1 },
  { bytes: LARGE, keys: 20, connections: 4 },
] as const;

/** How many bytes the server has the disk write for each byte of the values that it is sent. */
export async function bytesWritten(bench: Bench): Promise<void> {
  const rows: string[] = [];
  for (const engine of ['lmdb', 'json-file']) {
    for (const { bytes, keys, connections } of KINDS) {
      const contender = await portkv(engine);
      if (keys === ENTRIES) await fill(contender, keys, bytes);
      await idle(contender.pids);
      const [pid] = contender.pids as [number];
      const before = writtenBy(pid);
      const requests = randomPuts(keys, bytes)(contender);
      const seconds = 5 * bench.seconds;
      const { rate, failed } = await load(contender, { requests, connections, seconds, folder: bench.folder });
      await idle(contender.pids);
      const put = rate * seconds * bytes;
      const ratio = (writtenBy(pid) - before) / put;
      const what = `${bytes}-byte values, ${connections} clients`;
      rows.push(`| ${contender.name}, ${what} | ${Math.round(rate)} | ${failed} | ${ratio.toFixed(1)} |`);
      console.log(rows.at(-1));
      if (engine === 'lmdb' && bytes === 100 && connections > 1)
        bench.ratios.push({ what: `bytes written per byte put, lmdb, ${what}`, value: ratio, goal: 10, atMost: true });
      await contender.stop();
    }
  }
  const head = '| | puts/s | failed | bytes written per byte of values |\n| --- | ---: | ---: | ---: |';
  bench.addSection(`Bytes written, random keys of ${ENTRIES} entries`, [head, ...rows].join('\n'));
}

/** What the process had block devices write, in bytes. */
function writtenBy(pid: number): number {
  return Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}

/** In an order without pattern. */
function randomPuts(keys: number, bytes: number): Workload {
  const value = 'x'.repeat(bytes);
  const step = 61_803 % keys;
  return (contender) =>
    Array.from({ length: Math.min(keys, 20_000) }, (_, i) => contender.put(entryKey((i * step) % keys), value));
}
