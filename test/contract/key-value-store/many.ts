import { expect } from 'chai';
import { codeOf, type Declare } from './fixture.js';

export function manyContract(declare: Declare): void {
  declare('reads, writes and deletes by position, also the same key twice', async (store) => {
    const versions = await store.putMany([
      { key: 'a', value: 1 },
      { key: 'b', value: 'q', as: 'text', contentType: 'text/x', ttl: 60 },
      { key: 'a', value: { last: true } },
      { key: 'c', value: Uint8Array.of(0, 255) },
    ]);
    expect(versions[0]).to.equal(versions[2]);
    expect(new Set(versions).size).to.equal(3);
    const found = await store.getMany(['c', 'none', 'a', 'b', 'a']);
    expect(found.map((entry) => entry?.value)).to.deep.equal([
      ...[Uint8Array.of(0, 255), undefined, { last: true }, 'q', { last: true }],
    ]);
    expect(found[3]).to.deep.include({ version: versions[1], contentType: 'text/x', sizeBytes: 1 });
    expect(found[3]).to.deep.equal(await store.get('b'));
    expect(await store.deleteMany(['a', 'none', 'b', 'a'])).to.deep.equal([true, false, true, true]);
    expect(await store.count()).to.equal(1);
  });

  declare('takes no entries at all', async (store) => {
    expect(await store.getMany([])).to.deep.equal([]);
    expect(await store.putMany([])).to.deep.equal([]);
    expect(await store.deleteMany([])).to.deep.equal([]);
  });

  declare('reads exactly what a single read does', async (store) => {
    const exact = { as: 'text', contentType: 'application/json' } as const;
    const entries = ['1.0', '1e5', '20000000000000000001', '{"a":1,"a":2}', '"q"'].map((value, i) => ({
      ...exact,
      key: `json-${i}`,
      value,
    }));
    await store.putMany([...entries, { key: 'text', value: '"q"', as: 'text' }, { key: 'q', value: 'q', as: 'text' }]);
    const keys = [...entries.map(({ key }) => key), 'text', 'q'];
    for (const as of ['auto', 'json', 'text', 'bytes'] as const) {
      const readable = as === 'json' ? keys.slice(0, -1) : keys;
      const single = await Promise.all(readable.map((key) => store.get(key, { as })));
      expect(await store.getMany(readable, { as })).to.deep.equal(single);
    }
    expect(await codeOf(store.getMany(keys, { as: 'json' }))).to.equal('unprocessable');
  });

  declare('splits what is too many for one transaction', async (store) => {
    const keys = Array.from({ length: 1_050 }, (_, i) => `k${i}`);
    const versions = await store.putMany(keys.map((key, value) => ({ key, value })));
    expect(new Set(versions).size).to.equal(keys.length);
    const found = await store.getMany(keys);
    expect(found.map((entry) => entry?.value)).to.deep.equal(keys.map((_, i) => i));
    expect(found.map((entry) => entry?.version)).to.deep.equal(versions);
    expect((await store.deleteMany(keys)).every(Boolean)).to.equal(true);
    expect(await store.count()).to.equal(0);
  });

  declare('splits what is too large for one transaction', async (store) => {
    const values = [2.5, 1, 1.5, 1.5].map((mebibytes, i) => new Uint8Array(mebibytes * 1024 * 1024).fill(i));
    await store.putMany(values.map((value, i) => ({ key: `k${i}`, value })));
    const found = await store.getMany(values.map((_, i) => `k${i}`));
    expect(found.map((entry) => entry?.sizeBytes)).to.deep.equal(values.map(({ length }) => length));
    const read = found.map((entry) => entry?.value as Uint8Array);
    expect(read.every((bytes, i) => bytes.every((byte) => byte === i))).to.equal(true);
  });
}
