import assert from 'node:assert/strict';
import type { Batch, Store } from '../../src/application/ports/store.js';
import { assertSame, type Declare, entry } from './store-fixture.js';

export function commitContract(declare: Declare): void {
  declare('reads what was committed, at once', async (store) => {
    const a = entry('a', 'one');
    assert.equal(await store.commit({ put: [a] }), true);
    assertSame([await store.get('a')], [a]);
    const b = entry('a', 'two', { contentType: 'application/json', createdAt: 1, updatedAt: 2 });
    assert.equal(await store.commit({ put: [b] }), true);
    assertSame([await store.get('a')], [b]);
    assert.equal(await store.commit({ remove: ['a'] }), true);
    assert.equal(await store.get('a'), undefined);
  });

  declare('accepts the removal of keys that do not exist', async (store) => {
    const a = entry('a', 'one');
    await store.commit({ put: [a] });
    assert.equal(await store.commit({ remove: ['x', 'aa', ''.padEnd(512, 'x')] }), true);
    assertSame(await store.scan({ limit: 10 }), [a]);
  });

  declare('returns true for an empty batch', async (store) => {
    assert.equal(await store.commit({}), true);
    assert.equal(await store.commit({ expect: [], put: [], remove: [] }), true);
    assert.deepEqual(await store.size(), { keys: 0, bytes: 0 });
  });

  declare('commits only if every expectation holds', async (store) => {
    const a = entry('a');
    const b = entry('b');
    await store.commit({ put: [a, b] });
    const next = entry('a', 'next');
    const here = { key: 'a', version: a.version };
    const absent = { key: 'x', version: undefined };
    assert.equal(await store.commit({ expect: [here, { key: 'b', version: b.version }, absent], put: [next] }), true);
    assertSame([await store.get('a')], [next]);
    await assertRefused(store, { expect: [here], put: [entry('a', 'late')] });
  });

  declare('changes nothing if one expectation fails', async (store) => {
    const a = entry('a', 'one', { expiresAt: 5000 });
    const b = entry('b', 'two');
    await store.commit({ put: [a, b] });
    const change = { put: [entry('a', 'longer', { expiresAt: 1 }), entry('c')], remove: ['b'] };
    await assertRefused(store, { ...change, expect: [{ key: 'a', version: a.version + 1 }] });
    await assertRefused(store, { ...change, expect: [{ key: 'a', version: undefined }] });
    await assertRefused(store, { ...change, expect: [{ key: 'missing', version: 1 }] });
    const good = { key: 'a', version: a.version };
    await assertRefused(store, { ...change, expect: [good, { key: 'b', version: a.version }] });
    await assertRefused(store, { ...change, expect: [{ key: 'b', version: undefined }, good] });
    await assertRefused(store, { expect: [{ key: 'missing', version: 1 }] });
  });

  declare('creates a key for one of 64 concurrent writers that expect it absent', async (store) => {
    const expect = [{ key: 'a', version: undefined }];
    const puts = Array.from({ length: 64 }, (_, i) => entry('a', `${i}`));
    const won = await Promise.all(puts.map((put) => store.commit({ expect, put: [put] })));
    assert.equal(won.filter(Boolean).length, 1);
    assertSame([await store.get('a')], [puts[won.indexOf(true)]]);
  });

  declare('loses no write of 64 concurrent writers that compare and set one key', async (store) => {
    const add = async () => {
      for (;;) {
        const before = await store.get('n');
        const count = Number(Buffer.from(before?.value ?? []).toString()) + 1;
        const expect = [{ key: 'n', version: before?.version }];
        if (await store.commit({ expect, put: [entry('n', `${count}`)] })) return;
      }
    };
    await Promise.all(Array.from({ length: 64 }, add));
    assert.equal(Buffer.from((await store.get('n'))?.value ?? []).toString(), '64');
  });

  declare('returns true for all of 500 commits at once, and stores each of them', async (store) => {
    const puts = Array.from({ length: 500 }, (_, i) => entry(`k${i}`, `${i}`));
    const done = await Promise.all(puts.map((put) => store.commit({ put: [put] })));
    assert.ok(done.every(Boolean));
    assertSame(await store.getMany(puts.map((put) => put.key)), puts);
    assert.equal((await store.size()).keys, 500);
  });

  declare('takes batches of 1,000', async (store) => {
    const put = Array.from({ length: 1000 }, (_, i) => entry(`k${i}`.padEnd(100, '.'), `${i}`));
    const keys = put.map((it) => it.key);
    const expect = keys.map((key) => ({ key, version: undefined }));
    assert.equal(await store.commit({ expect, put }), true);
    assertSame(await store.getMany(keys), put);
    const now = put.map(({ key, version }) => ({ key, version }));
    assert.equal(await store.commit({ expect: now, put: [entry('x')], remove: keys }), true);
    assert.deepEqual(await store.size(), { keys: 1, bytes: 1 });
  });
}

/** The commit returns false and changes nothing. */
async function assertRefused(store: Store, batch: Batch): Promise<void> {
  const state = async () => ({
    all: (await store.scan({ limit: 1000 })).map((it) => ({ ...it, value: Buffer.from(it.value).toString() })),
    size: await store.size(),
    expiring: await store.expiring(Number.MAX_SAFE_INTEGER, 1000),
  });
  const before = await state();
  assert.equal(await store.commit(batch), false);
  assert.deepEqual(await state(), before);
}
