import assert from 'node:assert/strict';
import { entryBytes } from '../../src/domain/entry.js';
import { assertSame, type Declare, entry } from './store-fixture.js';
import { VALUES } from './values.contract.js';

/** Metadata that is easily changed by mistake. All of it is as `entryMeta` makes it. */
export const METAS: Readonly<Record<string, string>> = {
  'no members': '{}',
  'text beyond ASCII': '{"owner":"Zoë 😀","tags":["a b","\\"c\\""]}',
  'numbers that are no doubles': '{"n":106242075399214372653,"m":1.0,"e":1e400}',
  'doubled names': '{"a":1,"a":2,"__proto__":null}',
  'half of a surrogate pair': '{"half":"\\ud800"}',
  'deep nesting': `{"a":${'['.repeat(63)}${']'.repeat(63)}}`,
  '1,024 bytes': `{"a":"${'é'.repeat(508)}"}`,
};

/** For every store: an engine that keeps only the members of an entry that it knows fails here. */
export function metadataContract(declare: Declare): void {
  for (const [title, meta] of Object.entries(METAS)) {
    declare(`keeps metadata with ${title}, with values of every kind`, async (store) => {
      const put = Object.entries(VALUES).map(([key, value]) => entry(key, value, { meta }));
      await store.commit({ put });
      assertSame(await store.getMany(put.map(({ key }) => key)), put);
      assertSame([await store.get('no bytes')], [put.find(({ key }) => key === 'no bytes')]);
    });
  }

  declare('keeps metadata in get, getMany and scan, beside entries that have none', async (store) => {
    const put = [
      entry('a', '1', { meta: '{"of":"a"}' }),
      entry('b', '1'),
      entry('c', '', { meta: '{"of":"c"}', expiresAt: 5, updatedAt: 1_700_000_000_123 }),
    ];
    await store.commit({ put });
    assertSame([await store.get('a'), await store.get('b'), await store.get('c')], put);
    assertSame(await store.getMany(['a', 'b', 'c']), put);
    assertSame(await store.scan({ limit: 10 }), put);
  });

  declare('replaces and removes metadata with the entry', async (store) => {
    const versions = [entry('a', '1', { meta: '{"n":1}' }), entry('a', '1'), entry('a', '1', { meta: '{"n":22}' })];
    for (const version of versions) {
      await store.commit({ put: [version] });
      assertSame([await store.get('a')], [version]);
      assert.deepEqual({ ...(await store.size()) }, { keys: 1, bytes: entryBytes(version) });
    }
    await store.commit({ remove: ['a'] });
    assert.deepEqual({ ...(await store.size()) }, { keys: 0, bytes: 0 });
  });

  declare('counts the bytes of metadata', async (store) => {
    await store.commit({
      put: [entry('a', 'four', { meta: '{"é":1}' }), entry('b', 'x'.repeat(2000), { meta: '{}' })],
    });
    assert.deepEqual({ ...(await store.size()) }, { keys: 2, bytes: 1 + 4 + 8 + 1 + 2000 + 2 });
  });

  declare('misses no entry of pages that are limited by bytes', async (store) => {
    const put = Array.from({ length: 30 }, (_, i) =>
      entry(`k${10 + i}`, 'x', { meta: `{"a":"${'m'.repeat(i * 30)}"}` }),
    );
    await store.commit({ put });
    for (let start = '', seen = 0; ; ) {
      const page = await store.scan({ start, limit: 10, bytes: 1000 });
      assertSame(page, put.slice(seen, seen + page.length));
      seen += page.length;
      const bytes = page.reduce((sum, it) => sum + entryBytes(it) - it.key.length, 0);
      if (page.length < 10 && bytes < 1000) {
        assert.equal(seen, 30);
        return;
      }
      start = `${page.at(-1)?.key}\0`;
    }
  });
}

/** For stores whose fixture is durable. */
export function durableMetadataContract(declare: Declare): void {
  declare('has metadata again after close and open', async (store, reopen) => {
    const put = Object.values(METAS).flatMap((meta, i) => [entry(`with ${i}`, `${i}`, { meta }), entry(`no ${i}`)]);
    await store.commit({ put: [...put, entry('gone', '', { meta: '{}' })] });
    await store.commit({ remove: ['gone'] });
    const size = { ...(await store.size()) };
    for (let round = 0; round < 3; round++) {
      const again = await reopen();
      assertSame(await again.getMany(put.map(({ key }) => key)), put);
      assert.deepEqual({ ...(await again.size()) }, size);
    }
  });
}
