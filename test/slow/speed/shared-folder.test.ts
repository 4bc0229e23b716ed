import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { replaceFile } from '../../../src/infrastructure/files/durable-file.js';
import { open, type PortkvStore } from '../../../src/library.js';
import { median, timeOf } from './statistics.js';

/** Within this time changes by others are to be noticed, in ms. */
const NOTICED = 1_000;
const ROUNDS = 10;

describe('Two processes that share a folder', function () {
  this.retries(2);
  let shared: string;
  let ours: PortkvStore<number>;
  let theirs: PortkvStore<number>;
  beforeEach(async () => {
    shared = await mkdtemp(join(tmpdir(), 'portkv-'));
    const options = { engine: 'directory', options: { path: shared } };
    ours = await open({ ...options, path: await mkdtemp(join(tmpdir(), 'portkv-')) });
    theirs = await open({ ...options, path: await mkdtemp(join(tmpdir(), 'portkv-')) });
  });
  afterEach(async () => {
    await ours.close();
    await theirs.close();
    await rm(shared, { recursive: true });
  });

  it('see changes of each other, and of other programs, within a second', async () => {
    const watched = ours.watch();
    const first = watched.next();
    await theirs.put('first', 0);
    await first;
    const times: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      times.push(
        await timeOf(async () => {
          if (i % 2 === 0) await theirs.put(`k${i}`, i);
          else await replaceFile(join(shared, `k${i}.json`), (file) => file.writeFile(`{"k${i}": {"value": ${i}}}`));
          // The time of a file may be a few ms early, so that it seems older than the put before: `resync`.
          for (let noticed = false; !noticed; ) {
            const { value } = await watched.next();
            noticed = value?.event === 'resync' || value?.key === `k${i}`;
          }
        }),
      );
    }
    console.log(`      noticed after ${times.map((ms) => ms.toFixed()).join(', ')} ms`);
    expect(Math.max(...times) / NOTICED).to.be.below(1);
    await watched.return(undefined);
  });

  it('take little longer for a put or a get than a program that replaces or reads a file', async () => {
    const puts: number[] = [];
    const gets: number[] = [];
    const files: number[] = [];
    for (let i = 0; i < 60; i++) {
      const plain = (file: { writeFile(text: string): Promise<void> }) => file.writeFile('x'.repeat(100));
      files.push(await timeOf(() => replaceFile(join(shared, 'plain.txt'), plain)));
      puts.push(await timeOf(() => theirs.put(`k${i}`, i)));
      gets.push(await timeOf(async () => expect((await ours.get(`k${i}`))?.value).to.equal(i)));
    }
    const ratios = [median(puts) / median(files), median(gets) / median(files)];
    console.log(
      `      put ${ratios[0]?.toFixed(2)}, get ${ratios[1]?.toFixed(2)} times a file, ${median(files).toFixed(2)} ms`,
    );
    expect(ratios[0]).to.be.below(8);
    expect(ratios[1]).to.be.below(4);
  });
});
