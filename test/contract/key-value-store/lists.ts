import { expect } from 'chai';
import { all, codeOf, type Declare } from './fixture.js';

const MIXED = ['ue000\ue000', 'ue000😀', 'a/2', 'a/1', 'a', 'a/', 'b', '10', '2', '__proto__', '\0'];
const ORDERED = ['\0', '10', '2', '__proto__', 'a', 'a/', 'a/1', 'a/2', 'b', 'ue000\ue000', 'ue000😀'];

export function listContract(declare: Declare): void {
  declare('lists in the order of the bytes of keys', async (store) => {
    await store.putMany(MIXED.map((key) => ({ key, value: { key } })));
    const found = await all(store.list());
    expect(found.map(({ key }) => key)).to.deep.equal(ORDERED);
    expect(found.map(({ value }) => value)).to.deep.equal(ORDERED.map((key) => ({ key })));
    expect(await all(store.keys())).to.deep.equal(ORDERED);
    expect(await store.getMany(ORDERED)).to.deep.equal(found);
    expect(await all(store.heads())).to.deep.equal(found.map(({ value: _, ...head }) => head));
    expect(await all(store.list({ reverse: true }))).to.deep.equal([...found].reverse());
  });

  declare('lists a part: those with a prefix, after a key, the first few', async (store) => {
    await store.putMany(MIXED.map((key) => ({ key, value: 0 })));
    const keys = (options: object) => all(store.keys(options));
    expect(await keys({ prefix: 'a/' })).to.deep.equal(['a/', 'a/1', 'a/2']);
    expect(await keys({ prefix: 'a/', after: 'a/1' })).to.deep.equal(['a/2']);
    expect(await keys({ after: 'a/15' })).to.deep.equal(['a/2', 'b', 'ue000\ue000', 'ue000😀']);
    expect(await keys({ start: 'a/1', end: 'b' })).to.deep.equal(['a/1', 'a/2']);
    expect(await keys({ prefix: 'a', start: 'a/', end: 'a/2', reverse: true })).to.deep.equal(['a/1', 'a/']);
    expect(await keys({ reverse: true, limit: 2 })).to.deep.equal(['ue000😀', 'ue000\ue000']);
    expect(await keys({ reverse: true, after: 'a/2' })).to.deep.equal(['ue000😀', 'ue000\ue000', 'b']);
    expect(await keys({ start: 'b', end: 'a' })).to.deep.equal([]);
    expect(await codeOf(keys({ start: 'a', after: 'a' }))).to.equal('invalid');
    for (const limit of [-1, 1.5, Number.NaN, '2', null]) {
      expect(await codeOf(keys({ limit })), String(limit)).to.equal('invalid');
    }
    expect(await store.count({ start: 'a/', end: 'a/2' })).to.equal(2);
    expect(await keys({ limit: 2 })).to.deep.equal(['\0', '10']);
    expect(await keys({ limit: 0 })).to.deep.equal([]);
    expect(await keys({ prefix: 'none' })).to.deep.equal([]);
    expect((await all(store.list({ prefix: 'a', limit: 3 }))).map(({ key }) => key)).to.deep.equal(['a', 'a/', 'a/1']);
  });

  declare('refuses a bound that is no text, and removes nothing by it', async (store) => {
    await store.put('a', 1);
    for (const bound of [null, 5, {}, '\ud800'] as unknown as string[]) {
      for (const name of ['prefix', 'start', 'after', 'end']) {
        expect(await codeOf(all(store.keys({ [name]: bound }))), `${name} ${bound}`).to.equal('invalid');
        expect(await codeOf(store.count({ [name]: bound })), `${name} ${bound}`).to.equal('invalid');
      }
      expect(await codeOf(store.clear({ prefix: bound })), String(bound)).to.equal('invalid');
      expect(await codeOf(store.watch({ prefix: bound }).next()), String(bound)).to.equal('invalid');
    }
    expect(await store.has('a')).to.equal(true);
  });

  declare('lists values as they are asked for', async (store) => {
    await store.put('a', '1.0', { as: 'text', contentType: 'application/json' });
    await store.put('b', Uint8Array.of(0, 255));
    const values = async (options: object) => (await all(store.list(options))).map(({ value }) => value);
    expect(await values({})).to.deep.equal([1, Uint8Array.of(0, 255)]);
    expect(await values({ as: 'bytes' })).to.deep.equal([Uint8Array.of(0x31, 0x2e, 0x30), Uint8Array.of(0, 255)]);
    expect(await values({ as: 'text', limit: 1 })).to.deep.equal(['1.0']);
    expect(await codeOf(values({ as: 'text' }))).to.equal('unprocessable');
  });

  declare('lists more than a page, and stops when the reader does', async (store) => {
    const keys = Array.from({ length: 1_050 }, (_, i) => `k${String(i).padStart(4, '0')}`);
    await store.putMany(keys.map((key) => ({ key, value: key })));
    expect(await all(store.keys())).to.deep.equal(keys);
    expect((await all(store.list({ limit: 1_020 }))).map(({ value }) => value)).to.deep.equal(keys.slice(0, 1_020));
    const seen: string[] = [];
    for await (const { key } of store.list()) if (seen.push(key) === 3) break;
    expect(seen).to.deep.equal(keys.slice(0, 3));
  });

  declare('counts and clears all entries, or those with a prefix', async (store) => {
    await store.putMany(['x/1', 'x/2', 'y', 'z'].map((key) => ({ key, value: 0 })));
    expect([await store.count(), await store.count({ prefix: 'x/' })]).to.deep.equal([4, 2]);
    expect(await store.clear({ prefix: 'x/' })).to.equal(2);
    expect([await store.clear(), await store.clear(), await store.count()]).to.deep.equal([2, 0, 0]);
  });
}
