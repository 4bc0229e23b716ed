import { closeSync, fstatSync, openSync, statSync, truncateSync } from 'node:fs';
import { expect } from 'chai';
import { checkFile } from '../../../../../../src/infrastructure/storage/engines/lmdb/check-file.js';
import { readHeader } from '../../../../../../src/infrastructure/storage/engines/lmdb/pages/file-header.js';
import type { Location } from '../../../../../../src/infrastructure/storage/engines/location.js';
import { dataOf, openStore, sample, withLocation } from './lmdb-fixture.js';

describe('LmdbStore', () => {
  it('acknowledges commits before a transaction of LMDB, which many share', () =>
    withLocation(async (location) => {
      const store = await openStore(location);
      const before = transactions(location);
      await Promise.all(Array.from({ length: 200 }, (_, i) => store.commit({ put: [sample(i)] })));
      for (let i = 0; i < 200; i++) await store.commit({ put: [sample(i + 100)] });
      expect(store.size().keys).to.equal(300);
      expect(await store.scan({ limit: 999 })).to.have.length(300);
      await store.close();
      // One for each second that this took.
      expect(transactions(location) - before).to.be.within(1, 20);
    }));

  it('writes no transaction if nothing changes', () =>
    withLocation(async (location) => {
      const store = await openStore(location);
      const before = transactions(location);
      expect(await store.commit({ expect: [{ key: 'x', version: 1 }], put: [sample(1)] })).to.equal(false);
      expect(await store.commit({ remove: [] })).to.equal(true);
      expect(transactions(location)).to.equal(before);
      await store.close();
    }));

  it('checks each batch of a transaction against those before it', () =>
    withLocation(async (location) => {
      const store = await openStore(location);
      const { key, version } = sample(3);
      const answers = await Promise.all([
        store.commit({ expect: [{ key, version: undefined }], put: [sample(3)] }),
        store.commit({ expect: [{ key, version: undefined }], put: [sample(3)] }),
        store.commit({ expect: [{ key, version }], remove: [key] }),
        store.commit({ expect: [{ key, version: undefined }], put: [sample(4)] }),
        store.commit({ expect: [{ key, version }], put: [sample(5)] }),
      ]);
      expect(answers).to.deep.equal([true, false, true, true, false]);
      expect((await store.scan({ limit: 9 })).map((it) => it.key)).to.deep.equal(['key 4']);
      expect(await store.expiring(Number.MAX_SAFE_INTEGER, 9)).to.deep.equal([]);
      await store.close();
    }));

  it('rejects a batch with an impossible key alone, and serves its neighbours', () =>
    withLocation(async (location) => {
      const store = await openStore(location);
      const results = await Promise.allSettled([
        store.commit({ put: [sample(1)] }),
        store.commit({ put: [sample(2), { ...sample(3), key: '' }] }),
        store.commit({ put: [{ ...sample(3), key: 'x'.repeat(5000) }] }),
        store.commit({ put: [sample(4)] }),
      ]);
      expect(results.map((it) => it.status)).to.deep.equal(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
      expect((await store.scan({ limit: 9 })).map((it) => it.key)).to.deep.equal(['key 1', 'key 4']);
      await store.close();
    }));

  it('returns values that stay as they are while others are read and written', () =>
    withLocation(async (location) => {
      const store = await openStore(location);
      const value = Buffer.alloc(20 * 1024 * 1024, 'long ');
      await store.commit({ put: [sample(1), sample(10), { ...sample(2), key: 'long', value }] });
      const read = await store.getMany(['key 1', 'key 10', 'long']);
      for (let i = 0; i < 20; i++) {
        const more = { ...sample(i), key: 'long', value: Buffer.alloc(value.length + i * 1_000_000, i) };
        await store.commit({ put: [sample(i + 20), more], remove: ['key 1', 'key 10'] });
        expect((await store.get('long'))?.value.at(-1)).to.equal(i);
      }
      expect(read[0]?.value).to.deep.equal(sample(1).value);
      expect(read[1]?.value).to.deep.equal(sample(10).value);
      expect(value.equals(read[2]?.value ?? Buffer.alloc(0))).to.equal(true);
      await store.close();
    }));

  it('accounts for every page of its file after many changes', () =>
    withLocation(async (location) => {
      const store = await openStore(location);
      for (let i = 0; i < 150; i++) {
        const put = Array.from({ length: 30 }, (_, j) => sample((i * 37 + j * 11) % 700));
        const remove = Array.from({ length: 15 }, (_, j) => `key ${(i * 53 + j * 11 + 5) % 700}`);
        await store.commit({ put, remove: remove.filter((key) => !put.some((it) => it.key === key)) });
        if (i % 10 === 0) checkFile(dataOf(location));
      }
      await store.close();
    }));

  it('takes no key for missing whose page another program cut off', () =>
    withLocation(async (location) => {
      const first = await openStore(location);
      const series = Array.from({ length: 600 }, (_, i) => ({ ...sample(i), value: Buffer.alloc(100, `${i} `) }));
      await first.commit({ put: series });
      await first.close();
      const store = await openStore(location);
      expect((await store.get('key 1'))?.value).to.deep.equal(series[1]?.value);
      const { size } = statSync(dataOf(location));
      truncateSync(dataOf(location), Math.floor(size / 2 / 4096) * 4096 + 100);
      await new Promise((resolve) => setTimeout(resolve));
      for (const { key, value } of series) {
        const found = await Promise.resolve(key)
          .then((it) => store.get(it))
          .catch(() => 'refused' as const);
        if (found !== 'refused') expect(found?.value, key).to.deep.equal(value);
      }
      const refused = await Promise.resolve(0)
        .then(() => store.scan({ limit: 999 }))
        .catch((error: Error) => error.message);
      expect(refused).to.include('was cut while it was in use');
      await store.close().catch(() => undefined);
    }));

  it('opens again after close, as often as one likes', () =>
    withLocation(async (location) => {
      for (let i = 0; i < 30; i++) {
        const store = await openStore(location);
        expect(store.size().keys).to.equal(i);
        await store.commit({ put: [sample(i)] });
        await Promise.all([store.close(), store.close()]);
      }
    }));
});

/** How many transactions the file has seen. */
function transactions(location: Location): number {
  const fd = openSync(dataOf(location), 'r');
  try {
    return readHeader(fd, fstatSync(fd).size).transaction;
  } finally {
    closeSync(fd);
  }
}
