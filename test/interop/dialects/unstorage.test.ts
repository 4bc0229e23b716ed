import { createStorage, prefixStorage, restoreSnapshot, type Storage, snapshot } from 'unstorage';
import httpDriver from 'unstorage/drivers/http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { onEveryEngine } from './projects.ts';

/** What unstorage's suite of drivers and its tests of this one expect, in tests of our own. */
onEveryEngine('unstorage', (target) => {
  let storage: Storage;

  const driver = (authorization = 'Bearer k') =>
    httpDriver({ base: `${target().address}/unstorage/${target().project}`, headers: { authorization } });

  beforeEach(() => {
    storage = createStorage({ driver: driver() });
  });
  afterEach(() => storage.clear());

  it('is empty at first', async () => {
    expect(await storage.hasItem('a:b')).toBe(false);
    expect(await storage.getItem('a:b')).toBeNull();
    expect(await storage.getKeys()).toEqual([]);
  });

  it.each([
    ['a text', 'text'],
    ['a text with signs', 'ä €\n"&<'],
    ['zero', 0],
    ['a number', 1.5],
    ['true', true],
    ['false', false],
    ['an object', { deep: [1, { a: null }] }],
    ['an array', [1, 'two', null]],
    ['null', null],
  ])('keeps %s', async (_, value) => {
    await storage.setItem('a:b', value);
    expect(await storage.getItem('a:b')).toEqual(value);
    expect(await storage.hasItem('a:b')).toBe(true);
  });

  it('keeps what toJSON returns, and refuses what is no value', async () => {
    class Text {
      toJSON() {
        return 'SERIALIZED';
      }
    }
    class Point {
      toJSON() {
        return { x: 1 };
      }
    }
    class Nothing {}
    await storage.setItem('/data/text.json', new Text());
    await storage.setItem('/data/point.json', new Point());
    expect(await storage.getItem('/data/text.json')).toBe('SERIALIZED');
    expect(await storage.getItem('/data/point.json')).toEqual({ x: 1 });
    await expect(storage.setItem('a', new Nothing())).rejects.toThrow('Cannot stringify');
  });

  it('leaves out the query of a key', async () => {
    await storage.setItem('folder/file.json?query=1', 'a');
    expect(await storage.getItem('folder:file.json?query=2')).toBe('a');
    expect(await storage.getKeys()).toEqual(['folder:file.json']);
  });

  it('lists keys below a base, and to a depth', async () => {
    for (const key of ['top', 'a:one', 'a:two', 'a:b:three', 'ab:four', 'a:ä b%']) await storage.setItem(key, 1);
    expect((await storage.getKeys('a')).sort()).toEqual(['a:b:three', 'a:one', 'a:two', 'a:ä b%']);
    expect(await storage.getKeys('', { maxDepth: 0 })).toEqual(['top']);
    expect((await storage.getKeys('', { maxDepth: 1 })).sort()).toEqual(['a:one', 'a:two', 'a:ä b%', 'ab:four', 'top']);
    expect((await storage.getKeys('', { maxDepth: 2 })).length).toBe(6);
    expect(await storage.getItem('a:ä b%')).toBe(1);
  });

  it('keeps raw bytes', async () => {
    const bytes = new Uint8Array([0, 1, 255]);
    await storage.setItemRaw('raw.bin', bytes);
    expect(new Uint8Array((await storage.getItemRaw<ArrayBuffer>('raw.bin')) as ArrayBuffer)).toEqual(bytes);
  });

  it('sets and gets many', async () => {
    await storage.setItems([
      { key: 'm:1', value: 'one' },
      { key: 'm:2?q=1', value: 'two' },
    ]);
    expect(await storage.getItems(['m:1', { key: 'm:2?q=2' }, 'm:3'])).toEqual([
      { key: 'm:1', value: 'one' },
      { key: 'm:2', value: 'two' },
      { key: 'm:3', value: null },
    ]);
  });

  it('removes items, and all of them, also if there are none', async () => {
    await storage.setItem('a', 1);
    await storage.removeItem('a');
    await storage.removeItem('a');
    expect(await storage.hasItem('a')).toBe(false);
    await storage.setItem('b:c', 1);
    await storage.clear();
    await storage.clear();
    expect(await storage.getKeys()).toEqual([]);
  });

  it('restores a snapshot, and prefixes', async () => {
    await restoreSnapshot(storage, { a: 'one', 'b:c': 'two' });
    expect(await snapshot(storage, '')).toEqual({ a: 'one', 'b:c': 'two' });
    expect(await prefixStorage(storage, 'b').getItem('c')).toBe('two');
  });

  it('lets items expire, and has their metadata', async () => {
    await storage.setItem('a', 1, { ttl: 100 });
    const { mtime, ttl } = await storage.getMeta('a');
    expect(mtime).toBeInstanceOf(Date);
    expect(ttl).toBeGreaterThan(1);
    expect(ttl).toBeLessThanOrEqual(100);
    await storage.setMeta('a', { color: 'red' });
    expect(await storage.getMeta('a')).toMatchObject({ color: 'red' });
    await storage.setItem('gone', 1, { ttl: 0.001 });
    await expect.poll(() => storage.hasItem('gone')).toBe(false);
  });

  it('sends the headers of one call, and rejects without a key', async () => {
    const open = createStorage({ driver: driver('') });
    await open.setItem('a', 1, { headers: { authorization: 'Bearer k' } });
    expect(await storage.getItem('a')).toBe(1);
    await expect(open.getItem('a')).rejects.toMatchObject({
      statusCode: 401,
      data: { statusMessage: 'Invalid or missing API key' },
    });
    await expect(storage.setItem('x'.repeat(600), 1)).rejects.toMatchObject({ statusCode: 400 });
  });
});
