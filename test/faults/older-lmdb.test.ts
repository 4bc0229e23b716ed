import { open, rm, stat } from 'node:fs/promises';
import { expect } from 'chai';
import {
  dataOf,
  openStore,
  StoreWithoutJournal,
  sample,
  withLocation,
} from '../unit/infrastructure/storage/engines/lmdb/lmdb-fixture.js';
import { smallDisk } from './harness/disk/small-disk.js';
import { fillUp } from './scenarios/full-disk-scenario.js';

const MB = 1024 * 1024;
const SERIES = Array.from({ length: 200 }, (_, i) => sample(i));

describe('An lmdb store of a PortKV that took no room in advance', function () {
  this.timeout(0);

  for (const kind of ['tmpfs', 'ext4'] as const) {
    it(`can be removed from when the disk has no byte left, although its file has holes: ${kind}`, async function () {
      const disk = await smallDisk(kind, 24 * MB);
      if (disk === undefined) this.skip();
      await withLocation(async (location) => {
        const older = new StoreWithoutJournal(location);
        await older.commit(SERIES);
        await older.close();
        await makeHole(dataOf(location), 2 * MB);
        const store = await openStore(location);
        const { size, blocks } = await stat(dataOf(location));
        expect(blocks * 512).to.be.at.least(size);
        const ballast = await fillUp(disk.path, 0);
        const rest = await fillUp(disk.path, 0, 'rest');
        expect(await store.commit({ remove: ['key 3'] })).to.equal(true);
        expect(await store.commit({ remove: ['key 10', 'key 20', 'key 21'] })).to.equal(true);
        const refusal = await store.commit({ put: [{ ...sample(5), value: Buffer.alloc(MB) }] }).catch((it) => it.code);
        expect(refusal).to.equal('insufficient_storage');
        await rm(ballast);
        await rm(rest);
        await store.close();
        const again = await openStore(location);
        expect(again.size().keys).to.equal(SERIES.length - 4);
        await again.close();
      }, disk.path);
      await disk.remove();
    });
  }
});

/** A file that is longer than its last page has unused pages there. */
async function makeHole(path: string, bytes: number): Promise<void> {
  await using file = await open(path, 'r+');
  await file.truncate((await file.stat()).size + bytes);
  const { size, blocks } = await file.stat();
  expect(blocks * 512, 'the file has a hole').to.be.below(size);
}
