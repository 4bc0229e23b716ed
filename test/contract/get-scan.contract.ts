import assert from 'node:assert/strict';
import type { Store } from '../../src/application/ports/store.js';
import { type Entry, headOf } from '../../src/domain/entry.js';
import { assertSame, type Declare, entry, inByteOrder, isWithin, keysOf } from './store-fixture.js';

const SPREAD = ['B', 'a', 'a/', 'a/1', 'a/2', 'a0', 'b', 'z', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}'];

export function getScanContract(declare: Declare): void {
  declare('returns undefined for a key that was never written', async (store) => {
    assert.equal(await store.get('a'), undefined);
    assert.deepEqual(await store.scan({ limit: 10 }), []);
  });

  declare('returns by position what getMany asks for, also missing and repeated keys', async (store) => {
    const [a, b] = await fill(store, ['a', 'b']);
    assertSame(await store.getMany(['b', 'x', 'a', 'b']), [b, undefined, a, b]);
    assert.deepEqual(await store.getMany([]), []);
  });

  declare('orders keys by their UTF-8 bytes, also surrogates against U+E000 to U+FFFF', async (store) => {
    await fill(store, [...SPREAD].reverse());
    assert.deepEqual(keysOf(await store.scan({ limit: 100 })), inByteOrder(SPREAD));
  });

  declare('scans whole entries', async (store) => {
    const all = await fill(store, ['a', 'b', 'c']);
    assertSame(await store.scan({ limit: 10 }), all);
  });

  declare('scans exactly the keys that begin with the prefix', async (store) => {
    const keys = [...SPREAD, '\u{10ffff}\u{10ffff}', '\u{10ffff}a', 'a\u{10ffff}', 'a\u{10ffff}b', 'k'.repeat(512)];
    await fill(store, keys);
    for (const prefix of [
      '',
      'a',
      'a/',
      '\u{10ffff}',
      'a\u{10ffff}',
      '😀',
      'é',
      'nothing',
      'k'.repeat(512),
      '\uffff',
    ]) {
      const expected = inByteOrder(keys.filter((key) => key.startsWith(prefix)));
      assert.deepEqual(keysOf(await store.scan({ prefix, limit: 100 })), expected, `prefix ${JSON.stringify(prefix)}`);
    }
  });

  declare('scans from `start` on and before `end`, in both directions, whether these exist or not', async (store) => {
    await fill(store, SPREAD);
    const bounds = [undefined, '', ...SPREAD, '\0', 'a\0', 'a/11', 'm', '\ud800\udc00', '\u{10ffff}\u{10ffff}'];
    for (const [i, start] of bounds.entries()) {
      for (const end of [undefined, bounds[i], bounds[(i + 3) % bounds.length], bounds[(i * 7) % bounds.length]]) {
        for (const prefix of [undefined, '', 'a', 'a/', 'z', '\u{10ffff}']) {
          const kept = SPREAD.filter((key) => key.startsWith(prefix ?? '') && isWithin(key, start, end));
          const expected = inByteOrder(kept);
          const name = JSON.stringify({ prefix, start, end });
          const range = { prefix, start, end, limit: 100 };
          assert.deepEqual(keysOf(await store.scan(range)), expected, name);
          assert.deepEqual(
            keysOf(await store.scan({ ...range, reverse: true })),
            expected.reverse(),
            `${name} reverse`,
          );
        }
      }
    }
  });

  declare('scans heads as it scans entries, without their values', async (store) => {
    const put = [
      ...SPREAD.map((key) => entry(key, `value of ${key}`)),
      entry('x/empty', '', { expiresAt: 5, meta: '{"é":1}' }),
      entry('x/large', 'x'.repeat(100_000), { contentType: 'text/ü', expiresAt: 1_900_000_000_005 }),
      entry('x/fresh', Buffer.alloc(1025), { updatedAt: 1_700_000_000_123 }),
    ];
    assert.equal(await store.commit({ put }), true);
    for (const reverse of [false, true]) {
      for (const range of [{ limit: 100 }, { prefix: 'a', limit: 2 }, { start: 'a0', end: 'x/m', limit: 100 }]) {
        const entries = await store.scan({ ...range, reverse });
        assert.deepEqual(await store.scanHeads({ ...range, reverse }), entries.map(headOf));
      }
    }
    assert.deepEqual(await store.scanHeads({ limit: 0 }), []);
  });

  declare('scans with a prefix or a bound longer than any key', async (store) => {
    const a = 'a'.repeat(511);
    const keys = [a, `${a}b`, `${a}~`, 'k'.repeat(512), 'é'.repeat(256), '😀'.repeat(128), 'z'];
    await fill(store, keys);
    for (const start of [...keys, `${a}😀`]) {
      for (const rest of ['\0', 'k', '😀', 'x'.repeat(10_000)]) {
        const long = start.padEnd(512, 'p') + rest;
        const name = `${start.slice(0, 1)}, ${long.length} units`;
        const ordered = inByteOrder([...keys, long]);
        const expected = ordered.slice(ordered.indexOf(long) + 1);
        const before = ordered.slice(0, ordered.indexOf(long)).reverse();
        assert.deepEqual(keysOf(await store.scan({ start: long, limit: 100 })), expected, `from ${name}`);
        const reverse = { end: long, reverse: true, limit: 100 };
        assert.deepEqual(keysOf(await store.scan(reverse)), before, `before ${name}`);
        assert.deepEqual(await store.scan({ prefix: long, limit: 100 }), [], `prefix ${name}`);
      }
    }
  });

  declare('returns at most `limit` entries, and fewer only at the end', async (store) => {
    await fill(store, ['a', 'b', 'c', 'd']);
    assert.deepEqual(keysOf(await store.scan({ limit: 1 })), ['a']);
    assert.deepEqual(keysOf(await store.scan({ limit: 4 })), ['a', 'b', 'c', 'd']);
    assert.deepEqual(keysOf(await store.scan({ start: 'c', limit: 2 })), ['c', 'd']);
    assert.deepEqual(keysOf(await store.scan({ start: 'c', limit: 3 })), ['c', 'd']);
  });

  declare('ends a scan after the entry that completes the bytes asked for', async (store) => {
    const put = ['a', 'b', 'c', 'd'].map((key, i) => entry(key, 'x'.repeat(i === 1 ? 1000 : 10)));
    await store.commit({ put });
    const keys = async (bytes: number, start = '') => keysOf(await store.scan({ start, limit: 10, bytes })).join('');
    assert.equal(await keys(1, '0'), 'a');
    assert.equal(await keys(10, '0'), 'a');
    assert.ok((await keys(11, '0')).startsWith('ab'));
    assert.equal(await keys(100_000, 'b'), 'bcd');
    assert.deepEqual(keysOf(await store.scan({ limit: 10, bytes: 11, reverse: true })), ['d', 'c']);
    assert.deepEqual(keysOf(await store.scan({ limit: 1, bytes: 100_000 })), ['a']);
  });

  declare('pages through everything once, also if the last key of a page is removed', async (store) => {
    const keys = Array.from({ length: 250 }, (_, i) => `${i % 3}/${i}`);
    await fill(store, keys);
    const seen: string[] = [];
    for (;;) {
      const start = seen.length === 0 ? undefined : `${seen.at(-1)}\0`;
      const page = await store.scan({ start, limit: 40 });
      seen.push(...keysOf(page));
      if (page.length < 40) break;
      await store.commit({ remove: [seen.at(-1) as string] });
    }
    assert.deepEqual(seen, inByteOrder(keys));
  });

  declare('reports nothing as unreadable while all can be read', async (store) => {
    assert.deepEqual(store.unreadable(), []);
    await fill(store, SPREAD);
    assert.deepEqual(store.unreadable(), []);
  });

  declare('reads are as of one moment while commits run', async (store) => {
    const keys = ['a', 'm', 'z'];
    let running = true;
    const writer = (async () => {
      for (let version = 1; version <= 200; version++) {
        await store.commit({ put: keys.map((key) => entry(key, `${version}`, { version })) });
        if (version % 10 === 0) await new Promise(setImmediate);
      }
      running = false;
    })();
    while (running) {
      assertWhole(await store.getMany(keys));
      assertWhole(await store.scan({ limit: 3 }));
      await new Promise(setImmediate);
    }
    await writer;
  });
}

function assertWhole(found: readonly (Entry | undefined)[]): void {
  const versions = new Set(found.map((it) => it?.version));
  assert.ok(found.length === 0 || (found.length === 3 && versions.size === 1), `half a batch: ${[...versions]}`);
}

async function fill(store: Store, keys: readonly string[]): Promise<Entry[]> {
  const put = keys.map((key) => entry(key, `value of ${key}`));
  assert.equal(await store.commit({ put }), true);
  return put;
}
