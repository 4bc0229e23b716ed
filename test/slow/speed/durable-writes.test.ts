import { constants } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { MeasuredProcess, sendRequests } from './measured-process.js';
import { median, timeOf } from './statistics.js';

const ROUNDS = 5;
const BLOCK = 4096;
const BLOCKS = 256;
/**
 * Ratios with room for noise and for other disks: of a run that is quiet, docs/performance.md has better ones.
 * `most`: how long a PUT of one client takes, relative to one on `memory` and a write of a block that is there already.
 * `least`: how many PUTs of many clients are answered in a time, relative to `memory`.
 */
const CASES = [
  { engine: 'json-file', most: 4, least: 0.4 },
  { engine: 'lmdb', most: 6, least: 0.25 },
] as const;

describe('A durable PUT', function () {
  this.timeout(120_000);
  let folder: string;
  let server: MeasuredProcess;
  const keys = new Map<string, string>();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    server = await MeasuredProcess.start('portkv', folder);
    for (const engine of ['memory', 'json-file', 'lmdb']) keys.set(engine, await server.project(engine));
  });
  after(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  const put = (engine: string, count: number, connections: number) =>
    sendRequests(server.address, { method: 'PUT', engine, key: keys.get(engine), count, connections });

  it('of one client takes little longer than one on memory and a write that is synced', async () => {
    const ratios = CASES.map((): number[] => []);
    for (let round = 0; round <= ROUNDS; round++) {
      const least = median(await put('memory', 300, 1)) + median(await syncedWrites(join(folder, 'blocks')));
      for (const [i, { engine }] of CASES.entries()) {
        const ours = median(await put(engine, 300, 1));
        if (round > 0) ratios[i]?.push(ours / least);
      }
    }
    show('times memory and a synced write', ratios);
    for (const [i, { engine, most }] of CASES.entries()) expect(median(ratios[i] ?? []), engine).to.be.lessThan(most);
  });

  it('of many clients shares its sync with others', async () => {
    const ratios = CASES.map((): number[] => []);
    for (let round = 0; round <= ROUNDS; round++) {
      const least = await timeOf(() => put('memory', 3_000, 64));
      for (const [i, { engine }] of CASES.entries()) {
        const ours = await timeOf(() => put(engine, 3_000, 64));
        if (round > 0) ratios[i]?.push(least / ours);
      }
    }
    show('PUTs a second, of those on memory', ratios);
    for (const [i, { engine, least }] of CASES.entries())
      expect(median(ratios[i] ?? []), engine).to.be.greaterThan(least);
  });
});

function show(what: string, ratios: readonly (readonly number[])[]): void {
  const summary = CASES.map(({ engine }, i) => `${engine} ${median(ratios[i] ?? []).toFixed(2)}`).join(', ');
  console.log(`      ${what}: ${summary}`);
}

/** How long writes of one block each take, in ms, to a file whose blocks are there already. */
async function syncedWrites(path: string): Promise<number[]> {
  await writeFile(path, Buffer.alloc(BLOCK * BLOCKS), { flush: true });
  const file = await open(path, constants.O_WRONLY | constants.O_DSYNC);
  const block = Buffer.alloc(BLOCK, 'x');
  const times: number[] = [];
  for (let i = 0; i < BLOCKS; i++) times.push(await timeOf(() => file.write(block, 0, BLOCK, i * BLOCK)));
  await file.close();
  return times;
}
