import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite';
import { createCache } from 'cache-manager';
import { Cacheable } from 'cacheable';
import { Keyv, type KeyvStoreAdapter } from 'keyv';
import { KeyvStore } from 'portkv/keyv';
import * as vitest from 'vitest';
import { onEveryStore } from './stores.ts';

const { expect, it } = vitest;

onEveryStore((store) => {
  keyvTestSuite(vitest, Keyv, () => new KeyvStore(store()));
  keyvIteratorTests(vitest, Keyv, () => new KeyvStore(store()));

  const keyv = (namespace: string) => new Keyv({ store: new KeyvStore(store(), { prefix: 'mine/' }), namespace });

  it('clears its own prefix only', async () => {
    await store().put('other', 1);
    const cache = new Keyv({ store: new KeyvStore(store(), { prefix: 'mine/' }) });
    await cache.set('a', 1);
    await cache.clear();
    expect(await store().has('mine/a')).toBe(false);
    expect(await store().has('other')).toBe(true);
  });

  it('lets entries expire in the store', async () => {
    await keyv('ttl').set('a', 1, 60_000);
    const left = Number((await store().head('mine/ttl:a'))?.expiresAt) - Date.now();
    expect(left).toBeGreaterThan(50_000);
    expect(left).toBeLessThanOrEqual(61_000);
  });

  it('takes a time that is over already', async () => {
    expect(await keyv('ttl').set('over', 1, -1)).toBe(true);
    expect(await keyv('ttl').get('over')).toBeUndefined();
  });

  it('keeps keys of any length apart, finds them by an iterator, and clears them with their namespace', async () => {
    const long = keyv('long');
    const names = ['x'.repeat(600), 'ä'.repeat(300), `${'x'.repeat(600)}y`, `short~${'0'.repeat(64)}`, 'short'];
    await long.setMany(names.map((key) => ({ key, value: key })));
    expect(await long.getMany(names)).toEqual(names);
    const found: unknown[] = [];
    for await (const [key] of long.iterator?.({}) ?? []) found.push(key);
    expect(found.sort()).toEqual([...names].sort());
    // The key that the longest is stored under is a name like any other.
    for await (const key of store().keys({ prefix: 'mine/long:' })) {
      if (key.includes('~')) expect(await long.get(key.slice('mine/long:'.length))).not.toBe('x'.repeat(600));
    }
    await long.set('z'.repeat(5000), 1);
    expect(await long.get('z'.repeat(5000))).toBe(1);
    await long.clear();
    expect(await store().count({ prefix: 'mine/long:' })).toBe(0);
  });

  it('keeps values that no serializer changed: texts, bytes and JSON', async () => {
    const adapter = new KeyvStore(store(), { prefix: 'raw/' });
    const values = ['text', '"quoted"', new Uint8Array([0, 255]), { value: [1, null] }, 7];
    await adapter.setMany(values.map((value, i) => ({ key: `${i}`, value })));
    expect(await adapter.getMany(values.map((_, i) => `${i}`))).toEqual(values);
  });

  it('returns a boolean for each of many entries', async () => {
    expect(await keyv('many').setMany([1, 2].map((value) => ({ key: `${value}`, value })))).toEqual([true, true]);
    expect(await keyv('many').hasMany(['1', '2', '3'])).toEqual([true, true, false]);
    expect(await keyv('many').deleteMany(['1', '2'])).toBe(true);
  });

  it('emits and throws what the store refuses', async () => {
    const errors: unknown[] = [];
    const cache = keyv('bad').on('error', (error) => errors.push(error));
    expect(await cache.set('\ud800', 1)).toBe(false);
    expect(await cache.get('\ud800')).toBeUndefined();
    expect(errors).toMatchObject([{ code: 'invalid' }, { code: 'invalid' }]);
    cache.throwOnErrors = true;
    await expect(cache.set('\ud800', 1)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('is a store of cache-manager', async () => {
    const cache = createCache({ stores: [keyv('manager')], ttl: 60_000 });
    let calls = 0;
    const compute = () => cache.wrap('sum', async () => ({ sum: ++calls }));
    expect(await compute()).toEqual({ sum: 1 });
    expect(await compute()).toEqual({ sum: 1 });
    await cache.mset([{ key: 'a', value: 1 }]);
    expect(await cache.mget(['a', 'b'])).toEqual([1, undefined]);
    await cache.clear();
    expect(await cache.get('sum')).toBeUndefined();
  });

  it('is the second store of cacheable', async () => {
    const secondary = keyv('cacheable');
    await new Cacheable({ secondary }).set('a', { deep: [1] }, '1h');
    const other = new Cacheable({ secondary });
    expect(await other.get('a')).toEqual({ deep: [1] });
    expect(await other.delete('a')).toBe(true);
    expect(await new Cacheable({ secondary }).get('a')).toBeUndefined();
  });
});

it('has the type of a storage adapter', () => {
  vitest.expectTypeOf<KeyvStore>().toExtend<KeyvStoreAdapter>();
});
