import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Bench, fill } from '../bench.js';
import { type Contender, portkv } from '../contenders.js';
import { idle } from '../load.js';

/** What an entry of 100 bytes takes in LMDB, with its header. */
const RECORD_BYTES = 150;

/** An import of a large export into lmdb, against LMDB's own puts of as many records. */
export async function importing(bench: Bench): Promise<void> {
  const { largeStore: count, folder } = bench;
  const file = join(folder, 'export.ndjson');
  await writeExport(file, count);
  const ratios: number[] = [];
  const rows: string[] = [];
  for (let round = 0; round < bench.rounds; round++) {
    const ours = await importRate(file, count);
    const puts = [join(import.meta.dirname, '../lmdb-puts.js'), mkdtempSync(join(folder, 'puts-'))];
    const own = Number(
      execFileSync(process.execPath, [...puts, String(count), String(RECORD_BYTES)], { encoding: 'utf8' }),
    );
    rows.push(`| ${Math.round(ours)} | ${Math.round(own)} | ${(ours / own).toFixed(2)} |`);
    console.log(rows.at(-1));
    ratios.push(ours / own);
  }
  const value = ratios.sort((a, b) => a - b)[Math.floor(ratios.length / 2)] ?? Number.NaN;
  bench.ratios.push({
    what: 'import into lmdb against puts of LMDB itself in synced batches of 1,000',
    value,
    goal: 0.5,
  });
  const head = '| import, entries/s | own puts, entries/s | ratio |\n| ---: | ---: | ---: |';
  bench.addSection(`Import of ${count} entries into lmdb`, [head, ...rows].join('\n'));
}

async function writeExport(file: string, count: number): Promise<void> {
  const source = await portkv('memory');
  await fill(source, count, 100);
  const { body } = await fetch(projectUrl(source, 'export'), { headers: source.headers });
  if (body === null) throw new Error('the export has no body');
  await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(file));
  await source.stop();
}

/** Entries a second. */
async function importRate(file: string, count: number): Promise<number> {
  const target = await portkv('lmdb');
  await idle(target.pids);
  const began = performance.now();
  const body = Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>;
  const sent = { method: 'POST', headers: target.headers, body, duplex: 'half' } as const;
  const response = await fetch(projectUrl(target, 'import'), sent);
  if (!response.ok) throw new Error(await response.text());
  const seconds = (performance.now() - began) / 1000;
  await target.stop();
  return count / seconds;
}

function projectUrl({ url }: Contender, path: string): string {
  return `${url}/api/v1/projects/bench/${path}`;
}
