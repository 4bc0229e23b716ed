import assert from 'node:assert/strict';
import type { Store } from '../../src/application/ports/store.js';
import { type Declare, entry } from './store-fixture.js';

/** What a store keeps beside the entries: their size, and when they expire. */
export function sizeAndExpiryContract(declare: Declare): void {
  declare('counts keys and bytes exactly after every commit', async (store) => {
    await assertSize(store, 0, 0);
    await store.commit({ put: [entry('a', 'four'), entry('é', 'é'), entry('😀', '')] });
    await assertSize(store, 3, 1 + 4 + 2 + 2 + 4);
    await store.commit({ put: [entry('a', 'longer value')] });
    await assertSize(store, 3, 1 + 12 + 2 + 2 + 4);
    await store.commit({ put: [entry('a', '')] });
    await assertSize(store, 3, 1 + 2 + 2 + 4);
    await store.commit({ remove: ['é', 'missing'], put: [entry('b', '1')] });
    await assertSize(store, 3, 1 + 4 + 2);
    await store.commit({ expect: [{ key: 'a', version: 1 }], remove: ['a'] });
    await assertSize(store, 3, 1 + 4 + 2);
    await store.commit({ remove: ['a', 'b', '😀'] });
    await assertSize(store, 0, 0);
  });

  declare('counts exactly while many commits run', async (store) => {
    await Promise.all(
      Array.from({ length: 300 }, (_, i) =>
        store.commit(i % 3 === 2 ? { remove: [`k${(i - 2) % 50}`] } : { put: [entry(`k${i % 50}`, 'x'.repeat(i))] }),
      ),
    );
    const all = await store.scan({ limit: 1000 });
    const bytes = all.reduce((sum, it) => sum + Buffer.byteLength(it.key) + it.value.length, 0);
    await assertSize(store, all.length, bytes);
  });

  declare('lists what expires, earliest first, up to and including `before`', async (store) => {
    const at = { c: 3000, a: 5000, never: undefined, b: 1000, '😀': 4000, far: 253_402_300_799_999 };
    await store.commit({
      put: Object.entries(at).map(([key, time]) => entry(key, '', time === undefined ? {} : { expiresAt: time })),
    });
    assert.deepEqual(await store.expiring(999, 10), []);
    assert.deepEqual(await store.expiring(1000, 10), ['b']);
    assert.deepEqual(await store.expiring(4999, 10), ['b', 'c', '😀']);
    assert.deepEqual(await store.expiring(5000, 10), ['b', 'c', '😀', 'a']);
    assert.deepEqual(await store.expiring(Number.MAX_SAFE_INTEGER, 10), ['b', 'c', '😀', 'a', 'far']);
    assert.deepEqual(await store.expiring(5000, 2), ['b', 'c']);
  });

  declare('lists every key that expires at the same instant', async (store) => {
    const keys = Array.from({ length: 200 }, (_, i) => `k${i}`.repeat(i % 2 === 0 ? 1 : 100));
    await store.commit({ put: keys.map((key) => entry(key, '', { expiresAt: 7 })) });
    assert.deepEqual([...(await store.expiring(7, 1000))].sort(), keys.sort());
  });

  declare('follows every change of an expiry', async (store) => {
    await store.commit({ put: [entry('a', '', { expiresAt: 1 }), entry('b', '', { expiresAt: 2 }), entry('c', '')] });
    await store.commit({ put: [entry('a', '', { expiresAt: 9 }), entry('c', '', { expiresAt: 4 })] });
    assert.deepEqual(await store.expiring(10, 10), ['b', 'c', 'a']);
    await store.commit({ put: [entry('b', '')], remove: ['c'] });
    assert.deepEqual(await store.expiring(10, 10), ['a']);
    await store.commit({ remove: ['a'] });
    assert.deepEqual(await store.expiring(10, 10), []);
  });

  declare('can be swept by removing what it lists', async (store) => {
    await store.commit({
      put: Array.from({ length: 250 }, (_, i) => entry(`k${i}`, '', { expiresAt: 1 + (i % 7) })),
    });
    for (let left = 250; left > 0; left -= 50) {
      assert.equal((await store.size()).keys, left);
      await store.commit({ remove: await store.expiring(100, 50) });
    }
    await assertSize(store, 0, 0);
  });
}

async function assertSize(store: Store, keys: number, bytes: number): Promise<void> {
  assert.deepEqual({ ...(await store.size()) }, { keys, bytes });
}
