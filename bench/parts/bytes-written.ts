import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type Bench, fill } from '../bench.js';
import { portkv } from '../contenders.js';
import { idle, load } from '../load.js';
import { entryKey, type Workload } from '../workloads.js';

/** Entries of the store before, which random keys replace. */
const ENTRIES = 100_000;
const LARGE = 1024 * 1024;
const SECTOR = 512;
/** What is put: the size of a value, the number of keys, and from how many connections. */
const KINDS = [
  { bytes: 100, keys: ENTRIES, connections: 64 },
  { bytes: 100, keys: ENTRIES, connections: 1 },
  { bytes: LARGE, keys: 20, connections: 4 },
] as const;

/**
 * How many bytes reach the disk for each byte of the values that the server is sent. Both figures are given: the one of
 * the disk, which is right only if nothing else writes to it, and the kernel's count for the process. The kernel counts
 * a whole folio, of up to some 100 KiB, for each change of a few bytes in it.
 */
export async function bytesWritten(bench: Bench): Promise<void> {
  const rows: string[] = [];
  for (const engine of ['lmdb', 'json-file']) {
    for (const { bytes, keys, connections } of KINDS) {
      const contender = await portkv(engine);
      if (keys === ENTRIES) await fill(contender, keys, bytes);
      const [pid] = contender.pids as [number];
      const seconds = 5 * bench.seconds;
      await idle(contender.pids);
      const before = written(pid);
      const requests = randomPuts(keys, bytes)(contender);
      const { rate, failed } = await load(contender, { requests, connections, seconds, folder: bench.folder });
      await idle(contender.pids);
      const after = written(pid);
      const [disk, process] = [after.disk - before.disk, after.process - before.process].map(
        (it) => it / (rate * seconds * bytes),
      ) as [number, number];
      const what = `${bytes}-byte values, ${connections} connections`;
      const figures = [Math.round(rate), failed, disk.toFixed(1), process.toFixed(1)];
      rows.push(`| ${contender.name}, ${what} | ${figures.join(' | ')} |`);
      console.log(rows.at(-1));
      if (engine === 'lmdb' && bytes === 100 && connections > 1)
        bench.ratios.push({ what: `bytes written per byte put, lmdb, ${what}`, value: disk, goal: 10, atMost: true });
      await contender.stop();
    }
  }
  const head = '| | puts/s | failed | to the disk | as counted for the process |\n| --- | ---: | ---: | ---: | ---: |';
  bench.addSection(`Bytes written per byte of values, random keys of ${ENTRIES}`, [head, ...rows].join('\n'));
}

/** What was written so far, in bytes: to the disk with the temporary files, and by the process. */
function written(pid: number): { readonly disk: number; readonly process: number } {
  execFileSync('sync', ['-f', tmpdir()]);
  const { dev } = statSync(tmpdir());
  const [major, minor] = [(dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00)];
  let sectors = Number.NaN;
  try {
    sectors = Number(readFileSync(`/sys/dev/block/${major}:${minor}/stat`, 'utf8').trim().split(/\s+/)[6]);
  } catch {
    // Not on a disk.
  }
  const io = readFileSync(`/proc/${pid}/io`, 'utf8');
  return { disk: sectors * SECTOR, process: Number(/^write_bytes: (\d+)$/m.exec(io)?.[1]) };
}

/** In an order without pattern. */
function randomPuts(keys: number, bytes: number): Workload {
  const value = 'x'.repeat(bytes);
  const step = 61_803 % keys;
  return (contender) =>
    Array.from({ length: Math.min(keys, 20_000) }, (_, i) => contender.put(entryKey((i * step) % keys), value));
}
