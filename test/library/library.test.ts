import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { localEngineNames } from '../../src/infrastructure/storage/engines/registry.js';
import { open, PortkvError, type PortkvStore } from '../../src/library.js';

async function codeOf(task: Promise<unknown>): Promise<string | undefined> {
  try {
    await task;
    return undefined;
  } catch (error) {
    return error instanceof PortkvError ? error.code : String(error);
  }
}

for (const engine of localEngineNames) {
  describe(`The library on ${engine}`, () => {
    let path: string;
    let store: PortkvStore<{ n: number }>;
    beforeEach(async () => {
      path = await mkdtemp(join(tmpdir(), 'portkv-'));
      store = await open({ engine, path });
    });
    afterEach(async () => {
      await store.close();
      await rm(path, { recursive: true, force: true });
    });

    it('returns what was put, with its version and times', async () => {
      const before = Date.now();
      const version = await store.put('a', { n: 1 }, { ttl: 60 });
      const after = Date.now();
      const found = await store.get('a');
      expect(found).to.deep.include({ key: 'a', value: { n: 1 }, version, contentType: 'application/json' });
      expect(found?.expiresAt?.getTime()).to.be.within(before + 60_000, after + 60_000);
      expect(await store.get('b')).to.equal(undefined);
      expect([await store.has('a'), await store.has('b')]).to.deep.equal([true, false]);
    });

    it('keeps bytes as bytes, even if the caller changes the array', async () => {
      const bytes = Uint8Array.of(0, 255, 1);
      const putting = store.put('raw', bytes);
      bytes.fill(7);
      await putting;
      expect((await store.get('raw'))?.value).to.deep.equal(Uint8Array.of(0, 255, 1));
    });

    it('keeps metadata with a value, until a put without it', async () => {
      const meta = { by: 'Zoë', n: [1.5] };
      await store.put('a', { n: 1 }, { meta });
      expect((await store.get('a'))?.meta).to.deep.equal(meta);
      await store.put('a', { n: 2 }, { keepMeta: true });
      await store.transaction([
        { put: { key: 'b', value: { n: 1 }, meta: {} } },
        { put: { key: 'c', value: { n: 1 } } },
        { put: { key: 'a', value: { n: 3 }, keepMeta: true } },
      ]);
      const listed = [];
      for await (const found of store.list()) listed.push(found.meta);
      expect(listed).to.deep.equal([meta, {}, undefined]);
      const [got] = await store.transaction([{ get: { key: 'a' } }]);
      expect(got).to.deep.include({ value: { n: 3 }, meta });
      await store.put('a', { n: 4 });
      expect((await store.get('a'))?.meta).to.equal(undefined);
      const wrong = [[], null, 'x', { a: 'x'.repeat(1017) }] as unknown as { a: 1 }[];
      for (const meta of wrong.slice(0, 3))
        expect(await codeOf(store.put('a', { n: 5 }, { meta }))).to.equal('invalid');
      expect(await codeOf(store.put('a', { n: 5 }, { meta: wrong[3] as { a: 1 } }))).to.equal('too_large');
      expect(await codeOf(store.put('a', { n: 5 }, { meta, keepMeta: true }))).to.equal('invalid');
      expect((await store.get('a'))?.value).to.deep.equal({ n: 4 });
    });

    it('puts only if the version is still the given one, or the key is absent', async () => {
      const first = await store.put('a', { n: 1 }, { ifAbsent: true });
      expect(await codeOf(store.put('a', { n: 2 }, { ifAbsent: true }))).to.equal('precondition_failed');
      await store.put('a', { n: 2 }, { ifVersion: first });
      expect(await codeOf(store.put('a', { n: 3 }, { ifVersion: first }))).to.equal('precondition_failed');
      expect((await store.get('a'))?.value).to.deep.equal({ n: 2 });
    });

    it('deletes and clears again without an error', async () => {
      await store.put('a', { n: 1 });
      expect([await store.delete('a'), await store.delete('a')]).to.deep.equal([true, false]);
      for (const key of ['x/1', 'x/2', 'y']) await store.put(key, { n: 0 });
      expect([await store.clear({ prefix: 'x/' }), await store.clear(), await store.clear()]).to.deep.equal([2, 1, 0]);
    });

    it('lists in the order of keys', async () => {
      for (const key of ['b', 'a/2', 'a/1']) await store.put(key, { n: 0 });
      const keys = [];
      for await (const key of store.keys()) keys.push(key);
      expect(keys).to.deep.equal(['a/1', 'a/2', 'b']);
      const values = [];
      for await (const { key } of store.list({ prefix: 'a/', after: 'a/1' })) values.push(key);
      expect(values).to.deep.equal(['a/2']);
    });

    it('increments exactly under concurrency, and runs transactions whole or not at all', async () => {
      await Promise.all(Array.from({ length: 50 }, () => store.increment('count', 2n ** 70n)));
      expect(await store.increment('count', 0)).to.equal(50n * 2n ** 70n);
      const [, got] = await store.transaction([{ put: { key: 'a', value: { n: 1 } } }, { get: { key: 'count' } }]);
      expect(got).to.have.property('key', 'count');
      const failing = store.transaction([{ delete: { key: 'a' } }], [{ key: 'nobody', exists: true }]);
      expect(await codeOf(failing)).to.equal('check_failed');
      expect(await store.has('a')).to.equal(true);
    });

    it('gives a counter its expiry when it is created, and leaves it as it is afterwards', async () => {
      await store.increment('hits', 1, { ttl: 60 });
      const first = (await store.get('hits'))?.expiresAt;
      await store.increment('hits', 1, { ttl: 3600 });
      await store.transaction([{ increment: { key: 'hits', ttl: 3600 } }, { increment: { key: 'other', ttl: 60 } }]);
      expect(await store.get('hits')).to.deep.include({ value: 3, expiresAt: first });
      expect(first).to.be.an.instanceOf(Date);
      expect((await store.get('other'))?.expiresAt).to.be.an.instanceOf(Date);
      expect(await codeOf(store.increment('hits', 1, { ttl: 0 }))).to.equal('invalid');
    });

    it('returns the entry before a write of a transaction, and runs one in sequence', async () => {
      await store.put('a', { n: 1 });
      const results = await store.transaction(
        [
          { put: { key: 'a', value: { n: 2 }, return: 'old' } },
          { get: { key: 'a' } },
          { delete: { key: 'a', return: 'old' } },
          { delete: { key: 'a', return: 'old' } },
          { increment: { key: 'c', ttl: 60 } },
          { increment: { key: 'c' } },
        ],
        [{ key: 'a', exists: true }],
        { sequential: true },
      );
      const [put, read, deleted, again, first, second] = results;
      expect([put.old?.value, read?.value, deleted.old?.value]).to.deep.equal([{ n: 1 }, { n: 2 }, { n: 2 }]);
      expect([deleted.existed, again]).to.deep.equal([true, { existed: false, old: undefined }]);
      expect([first.value, second.value, second.expiresAt]).to.deep.equal([1n, 2n, first.expiresAt]);
      expect(first.expiresAt).to.be.an.instanceOf(Date);
      const twice = [{ increment: { key: 'c' } }, { increment: { key: 'c' } }] as const;
      expect(await codeOf(store.transaction(twice))).to.equal('invalid');
    });

    it('reports changes to a watcher, in order, until the store is closed', async () => {
      const seen: string[] = [];
      const watching = (async () => {
        for await (const change of store.watch({ prefix: 'w/' }))
          seen.push(JSON.stringify(Object.values(change).slice(0, 2)));
      })();
      await new Promise((resolve) => setImmediate(resolve));
      await store.put('w/1', { n: 1 });
      await store.put('other', { n: 1 });
      await store.put('w/2', { n: 1 }, { ttl: 0.05 });
      await store.delete('w/1');
      while (seen.length < 5) await new Promise((resolve) => setTimeout(resolve, 10));
      await store.close();
      await watching;
      expect(seen.shift()).to.equal('["ready"]');
      expect(seen).to.deep.equal(['["put","w/1"]', '["put","w/2"]', '["delete","w/1"]', '["expire","w/2"]']);
    });

    it('has its content again when it is opened again, unless it is in memory', async () => {
      await store.put('a', { n: 1 });
      await store.close();
      store = await open({ engine, path, readOnly: true });
      expect((await store.get('a'))?.value).to.deep.equal(engine === 'memory' ? undefined : { n: 1 });
      expect(await codeOf(store.put('a', { n: 2 }))).to.equal('forbidden');
      expect(await codeOf(store.clear())).to.equal('forbidden');
    });

    it('reports what is wrong with a call', async () => {
      expect(await codeOf(store.put('', { n: 1 }))).to.equal('invalid');
      expect(await codeOf(store.put('a', { n: 1 }, { ttl: 0 }))).to.equal('invalid');
      expect(await codeOf(open({ engine: 'lmbd', path: `${path}-2` }))).to.equal('invalid');
    });

    it('refuses an expiry outside 1970 to 9999, and can be opened again', async () => {
      for (const expiresAt of [new Date('2026-13-45'), new Date(-5), new Date(0), new Date(8.64e15)]) {
        expect(await codeOf(store.put('a', { n: 1 }, { expiresAt })), String(expiresAt)).to.equal('invalid');
      }
      for (const ttl of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
        expect(await codeOf(store.put('a', { n: 1 }, { ttl })), String(ttl)).to.equal('invalid');
        const within = store.transaction([{ put: { key: 'a', value: { n: 1 }, ttl } }]);
        expect(await codeOf(within), String(ttl)).to.equal('invalid');
      }
      await store.put('b', { n: 1 }, { ttl: 3600.0001 });
      await store.close();
      store = await open({ engine, path });
      expect(await store.has('a')).to.equal(false);
    });

    it('is closed by await using', async () => {
      const other = await mkdtemp(join(tmpdir(), 'portkv-'));
      {
        await using scoped = await open({ engine, path: other });
        await scoped.put('a', 1);
      }
      await using again = await open({ engine, path: other });
      expect(await again.has('a')).to.equal(engine !== 'memory');
    });
  });
}

describe('head and has of the library', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;

  it('read no value on an engine that reads on demand', async () => {
    const path = await mkdtemp(join(tmpdir(), 'portkv-'));
    const size = 16 * 1024 * 1024;
    {
      await using store = await open({ engine: 'lmdb', path });
      await store.put('large', new Uint8Array(size), { ttl: 60, meta: { a: 1 } });
    }
    await using store = await open({ engine: 'lmdb', path });
    collectGarbage();
    const { arrayBuffers: before } = process.memoryUsage();
    const head = await store.head('large');
    for (let i = 0; i < 3; i++) await store.head('large');
    const found = [head?.sizeBytes, head?.meta, await store.has('large'), await store.has('other')];
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(size / 2);
    expect(found).to.deep.equal([size, { a: 1 }, true, false]);
    const { value, ...same } = (await store.get('large', { as: 'bytes' })) ?? {};
    expect([value?.length, same]).to.deep.equal([size, head]);
    await rm(path, { recursive: true });
  });

  it('reject for an entry that cannot be read, which is not missing', async () => {
    const path = await mkdtemp(join(tmpdir(), 'portkv-'));
    await using store = await open({ engine: 'directory', path });
    await store.put('damaged', 'x');
    for (const name of await readdir(path, { recursive: true })) {
      if (name.includes('damaged')) await writeFile(join(path, name), 'no entry');
    }
    await store.synchronize();
    expect(await codeOf(store.get('damaged'))).to.equal('unavailable');
    expect(await codeOf(store.head('damaged'))).to.equal('unavailable');
    expect(await codeOf(store.has('damaged'))).to.equal('unavailable');
    await rm(path, { recursive: true });
  });
});
