import assert from 'node:assert/strict';
import { AppError } from '../../src/domain/errors.js';
import { AWKWARD_KEYS, assertSame, type Declare, entry, inByteOrder, keysOf } from './store-fixture.js';
import { VALUE_TYPES, VALUES } from './values.contract.js';

export function lifecycleContract(declare: Declare): void {
  declare('rejects every call after close with unavailable', async (store) => {
    await store.commit({ put: [entry('a')] });
    await store.close();
    const calls = {
      get: async () => store.get('a'),
      getMany: async () => store.getMany(['a']),
      scan: async () => store.scan({ limit: 1 }),
      expiring: async () => store.expiring(1, 1),
      size: async () => store.size(),
      unreadable: async () => store.unreadable(),
      commit: async () => store.commit({ put: [entry('a')] }),
    };
    for (const [name, call] of Object.entries(calls)) {
      await assert.rejects(call, (error) => error instanceof AppError && error.code === 'unavailable', name);
    }
  });

  declare('finishes the commits that run before it closes', async (store) => {
    const running = Array.from({ length: 20 }, (_, i) => store.commit({ put: [entry(`k${i}`)] }));
    await store.close();
    assert.ok((await Promise.all(running)).every(Boolean));
  });
}

/** For stores whose fixture is durable. */
export function durabilityContract(declare: Declare): void {
  declare('has everything again after close and open', async (store, reopen) => {
    const put = AWKWARD_KEYS.map((key, i) => entry(key, `value of ${key}`, i % 2 === 0 ? { expiresAt: 1000 - i } : {}));
    await store.commit({ put });
    await store.commit({ put: [entry('gone', 'x', { expiresAt: 1 })] });
    await store.commit({ remove: ['gone'] });
    const expiring = await store.expiring(2000, 1000);
    const size = { ...(await store.size()) };
    for (let round = 0; round < 3; round++) {
      const again = await reopen();
      assertSame(await again.getMany(AWKWARD_KEYS), put);
      assert.deepEqual(keysOf(await again.scan({ limit: 1000 })), inByteOrder(AWKWARD_KEYS));
      assert.deepEqual(await again.expiring(2000, 1000), expiring);
      assert.deepEqual({ ...(await again.size()) }, size);
    }
  });

  declare('has values of every kind again, also after being written twice', async (store, reopen) => {
    const put = Object.entries(VALUES).map(([key, value]) => entry(key, value));
    const types = VALUE_TYPES.map((contentType, i) => entry(`type ${i}`, '{"a":1}', { contentType }));
    await store.commit({ put: [...put, ...types] });
    for (let round = 0; round < 2; round++) {
      const again = await reopen();
      assertSame(await again.getMany(Object.keys(VALUES)), put);
      assertSame(await again.getMany(types.map((it) => it.key)), types);
      await again.commit({ put: [entry('other', `${round}`)] });
    }
  });

  declare('continues from the same state after close and open', async (store, reopen) => {
    const a = entry('a', 'one');
    await store.commit({ put: [a] });
    const again = await reopen();
    assert.equal(await again.commit({ expect: [{ key: 'a', version: undefined }], put: [entry('a')] }), false);
    const b = entry('a', 'two');
    assert.equal(await again.commit({ expect: [{ key: 'a', version: a.version }], put: [b] }), true);
    assertSame([await (await reopen()).get('a')], [b]);
  });

  declare('has all of a commit that ran while it closed', async (store, reopen) => {
    const put = Array.from({ length: 100 }, (_, i) => entry(`k${i}`, 'x'.repeat(1000)));
    const running = store.commit({ put });
    const again = await reopen();
    assert.equal(await running, true);
    assert.equal((await again.scan({ limit: 1000 })).length, 100);
  });

  declare('has values of 16 MiB again', async (store, reopen) => {
    const value = Buffer.alloc(16 * 1024 * 1024, Uint8Array.of(0, 255, 10, 34, 92));
    const text = Buffer.alloc(16 * 1024 * 1024, 'a "text"\n');
    await store.commit({ put: [entry('a', value), entry('b', text)] });
    const again = await reopen();
    const [a, b] = await again.getMany(['a', 'b']);
    assert.ok(a !== undefined && b !== undefined);
    assert.equal(Buffer.compare(a.value, value), 0);
    assert.equal(Buffer.compare(b.value, text), 0);
  });
}
