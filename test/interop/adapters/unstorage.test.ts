import { UnstorageDriver } from 'portkv/unstorage';
import { createStorage, type Driver, prefixStorage, restoreSnapshot, type Storage, snapshot } from 'unstorage';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { onEveryStore } from './stores.ts';

onEveryStore((store) => {
  let storage: Storage;
  beforeEach(() => {
    storage = createStorage({ driver: new UnstorageDriver(store(), { base: 'items' }) });
  });
  afterEach(async () => {
    await storage.clear();
    await storage.dispose();
  });

  describe('as storages do', () => {
    it('is empty at first', async () => {
      expect(await storage.hasItem('a:b')).toBe(false);
      expect(await storage.getItem('a:b')).toBeNull();
      expect(await storage.getItemRaw('a:b')).toBeNull();
      expect(await storage.getKeys()).toEqual([]);
    });

    it.each([
      ['a text', 'text'],
      ['a text that looks like a number', 'x1'],
      ['zero', 0],
      ['a number', 1.5],
      ['true', true],
      ['false', false],
      ['an object', { deep: [1, { a: null }] }],
      ['an array', [1, 'two', null]],
    ])('keeps %s', async (_, value) => {
      await storage.setItem('a', value);
      expect(await storage.getItem('a')).toEqual(value);
      expect(await storage.hasItem('a')).toBe(true);
    });

    it('keeps what toJSON returns', async () => {
      class Point {
        toJSON() {
          return { x: 1 };
        }
      }
      await storage.setItem('point', new Point());
      expect(await storage.getItem('point')).toEqual({ x: 1 });
    });

    it('refuses what is no value', async () => {
      class Nothing {}
      await expect(storage.setItem('a', new Nothing())).rejects.toThrow('Cannot stringify');
      expect(await storage.hasItem('a')).toBe(false);
    });

    it('removes an item that is set to undefined', async () => {
      await storage.setItem('a', 1);
      await storage.setItem('a', undefined as never);
      expect(await storage.hasItem('a')).toBe(false);
    });

    it('takes keys apart as unstorage does', async () => {
      await storage.setItem('/folder/file.json?query=1', 'a');
      expect(await storage.getItem('folder:file.json')).toBe('a');
      expect(await storage.getKeys()).toEqual(['folder:file.json']);
    });

    it('lists keys below a base, and to a depth', async () => {
      for (const key of ['top', 'a:one', 'a:two', 'a:b:three', 'ab:four']) await storage.setItem(key, 1);
      expect((await storage.getKeys()).sort()).toEqual(['a:b:three', 'a:one', 'a:two', 'ab:four', 'top']);
      expect((await storage.getKeys('a')).sort()).toEqual(['a:b:three', 'a:one', 'a:two']);
      expect(await storage.getKeys('', { maxDepth: 0 })).toEqual(['top']);
      expect((await storage.getKeys('', { maxDepth: 1 })).sort()).toEqual(['a:one', 'a:two', 'ab:four', 'top']);
    });

    it('sets and gets many', async () => {
      await storage.setItems<string | object>([
        { key: 'm:1', value: 'one' },
        { key: 'm:2', value: { two: 2 } },
      ]);
      expect(await storage.getItems(['m:1', { key: 'm:2' }, 'm:3'])).toEqual([
        { key: 'm:1', value: 'one' },
        { key: 'm:2', value: { two: 2 } },
        { key: 'm:3', value: null },
      ]);
    });

    it('removes one item, all items below a base, and all', async () => {
      for (const key of ['a:1', 'a:2', 'ab:1', 'c']) await storage.setItem(key, 1);
      await storage.removeItem('c');
      await storage.removeItem('c');
      // The storage itself never clears below a base if it has only one driver.
      await storage.getMount('').driver.clear?.('a:', {});
      expect(await storage.getKeys()).toEqual(['ab:1']);
      await storage.clear();
      await storage.clear();
      expect(await storage.getKeys()).toEqual([]);
    });

    it('restores a snapshot, mounts, and prefixes', async () => {
      await restoreSnapshot(storage, { a: 'one', 'b:c': 'two' });
      expect(await snapshot(storage, '')).toEqual({ a: 'one', 'b:c': 'two' });
      expect(await prefixStorage(storage, 'b').getItem('c')).toBe('two');
      storage.mount('other', new UnstorageDriver(store(), { base: 'mounted' }));
      await storage.setItem('other:a', 1);
      expect(await store().has('mounted:a')).toBe(true);
      await storage.clear('other');
      await storage.unmount('other');
    });
  });

  it('keeps raw bytes, texts and objects', async () => {
    const bytes = new Uint8Array([0, 1, 255]);
    for (const value of [bytes, 'text', { a: 1 }]) {
      await storage.setItemRaw('raw', value);
      expect(await storage.getItemRaw('raw')).toEqual(value);
    }
    await storage.setItemRaw('buffer', bytes.buffer);
    expect(await storage.getItemRaw('buffer')).toEqual(bytes);
  });

  it('leaves entries outside its base alone', async () => {
    await store().put('outside', 1);
    await storage.setItem('a', 1);
    await storage.clear();
    expect(await store().has('outside')).toBe(true);
    expect(await store().has('items:a')).toBe(false);
  });

  it('lets items expire: by their own time, that of many, or that of the driver', async () => {
    await storage.setItem('a', 1, { ttl: 100 });
    await storage.setItems([{ key: 'b', value: 1 }], { ttl: 200 });
    const brief = createStorage({ driver: new UnstorageDriver(store(), { base: 'items', ttl: 300 }) });
    await brief.setItem('c', 1);
    await storage.setItem('d', 1);
    const left = await Promise.all(['a', 'b', 'c', 'd'].map(async (key) => (await storage.getMeta(key)).ttl));
    // Of a slow test some seconds may have gone.
    expect(left.map((ttl) => ttl && Math.ceil(ttl / 100))).toEqual([1, 2, 3, undefined]);
    await storage.setItem('gone', 1, { ttl: 0.001 });
    await expect.poll(() => storage.hasItem('gone')).toBe(false);
  });

  it('has the metadata of the entry, and what setMeta adds', async () => {
    await store().put('items:a', 'x', { as: 'text', meta: { owner: 'ada' } });
    const meta = await storage.getMeta('a');
    expect(meta).toMatchObject({ owner: 'ada', size: 1 });
    expect(meta.mtime).toBeInstanceOf(Date);
    await storage.setMeta('a', { color: 'red' });
    expect(await storage.getMeta('a')).toMatchObject({ owner: 'ada', color: 'red' });
    expect(await storage.getKeys()).toEqual(['a']);
    await storage.removeItem('a', { removeMeta: true });
    expect({ ...(await storage.getMeta('a')) }).toEqual({});
  });

  it('reports what any program changes below its base, until it is unwatched', async () => {
    const watched = createStorage({ driver: new UnstorageDriver(store(), { base: 'watched' }) });
    const seen: string[] = [];
    const unwatch = await watched.watch((event, key) => seen.push(`${event} ${key}`));
    await store().put('outside', 1);
    await store().put('watched:a:b', 1);
    await watched.removeItem('a:b');
    await watched.setItem('brief', 1, { ttl: 0.001 });
    await expect
      .poll(() => seen, { timeout: 10_000 })
      .toEqual(['update a:b', 'remove a:b', 'update brief', 'remove brief']);
    await unwatch();
    await watched.setItem('late', 1);
    expect(seen).toHaveLength(4);
    await watched.dispose();
  });

  it('rejects with the error of the store', async () => {
    await expect(storage.setItem('x'.repeat(600), 1)).rejects.toMatchObject({ code: 'invalid' });
  });
});

it('has the type of a driver', () => {
  expectTypeOf<UnstorageDriver>().toExtend<Driver>();
});
