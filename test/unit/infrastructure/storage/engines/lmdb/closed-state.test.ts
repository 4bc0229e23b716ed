import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { checkFile } from '../../../../../../src/infrastructure/storage/engines/lmdb/check-file.js';
import { engine, LmdbOptions } from '../../../../../../src/infrastructure/storage/engines/lmdb/engine.js';
import type { Location } from '../../../../../../src/infrastructure/storage/engines/location.js';
import { dataOf, openStore, sample, withLocation } from './lmdb-fixture.js';

describe('The record of a closed lmdb store', () => {
  it('says how much it holds and when the first entry expires, without opening it', () =>
    withLocation(async (location) => {
      const none = { size: { keys: 0, bytes: 0 }, unreadable: [], nextExpiry: Number.POSITIVE_INFINITY };
      expect(await closedState(location)).to.deep.equal(none);
      const size = await put(location, 1, 6, 3);
      expect(await closedState(location)).to.deep.equal({ size, unreadable: [], nextExpiry: 1_800_000_000_003 });
    }));

  it('says whether there was metadata, and so does the file: a PortKV that knows none refuses both', () =>
    withLocation(async (location) => {
      const format = async () => /"format":\d/.exec(await readFile(dataOf(location), 'latin1'))?.[0];
      await put(location, 1);
      expect(await format()).to.equal('"format":3');
      expect(await readFile(recordOf(location), 'utf8')).to.match(/\n1 entries, \d+ bytes, next expiry Infinity\n$/);
      const store = await openStore(location);
      await store.commit({ put: [{ ...sample(2), meta: '{"a":1}' }] });
      const size = store.size();
      expect(size).to.have.all.keys('keys', 'bytes');
      await store.close();
      expect(await readFile(recordOf(location), 'utf8')).to.match(/\n2 entries with metadata, \d+ bytes, next expiry/);
      expect((await closedState(location))?.size).to.deep.equal(size);
      await put(location, 4);
      expect(await readFile(recordOf(location), 'utf8')).to.match(/\n3 entries with metadata,/);
      // The page before may still be in the file.
      expect(await readFile(dataOf(location), 'latin1')).to.include('"format":4');
      checkFile(dataOf(location));
    }));

  it('stays while the store is only read, and is removed before it is written to', () =>
    withLocation(async (location) => {
      const store = await openStore(location);
      expect(store.get('key 1')).to.equal(undefined);
      const before = await stat(recordOf(location), { bigint: true });
      await store.close();
      expect((await stat(recordOf(location), { bigint: true })).mtimeNs).to.equal(before.mtimeNs);

      const writer = await openStore(location);
      const removed: boolean[] = [];
      await Promise.all([
        writer.commit({ put: [sample(1)] }).then(async () => removed.push(!(await exists(recordOf(location))))),
        writer.commit({ put: [sample(2)] }),
      ]);
      expect(removed).to.deep.equal([true]);
      await writer.close();
      expect((await closedState(location))?.size.keys).to.equal(2);
    }));

  it('says nothing of a store that was written to and not closed, or changed since, or is not what it should be', () =>
    withLocation(async (location) => {
      await put(location, 1);
      const record = await readFile(recordOf(location), 'utf8');
      const [print = ''] = record.split('\n');
      for (const wrong of [
        '',
        'nonsense',
        `${print}\n`,
        `${print}\n1 entries\n`,
        record.replace('inode ', 'inode 1'),
      ]) {
        await writeFile(recordOf(location), wrong);
        expect(await closedState(location), wrong).to.equal(undefined);
        await (await openStore(location)).close();
      }
      await writeFile(recordOf(location), record);
      await rm(join(dirname(dataOf(location)), 'lock.mdb'), { force: true });
      expect((await closedState(location))?.size.keys).to.equal(1);
      await writeFile(dataOf(location), await readFile(dataOf(location)));
      expect(await closedState(location), 'changed').to.equal(undefined);
      await rm(dataOf(location));
      expect(await closedState(location), 'missing').to.equal(undefined);
    }));
});

const closedState = (location: Location) => engine.cleanShutdown?.closedState?.(location, new LmdbOptions());

const recordOf = (location: Location) => join(dirname(dataOf(location)), 'closed');

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Stores samples and closes the store; returns its size. */
async function put(location: Location, ...samples: number[]) {
  const store = await openStore(location);
  await store.commit({ put: samples.map(sample) });
  const size = store.size();
  await store.close();
  return size;
}
