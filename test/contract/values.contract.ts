import assert from 'node:assert/strict';
import { MAX_EXPIRES_AT } from '../../src/domain/limits.js';
import { AWKWARD_KEYS, assertSame, type Declare, entry, inByteOrder, keysOf } from './store-fixture.js';

/** Values that are easily changed by mistake. */
export const VALUES: Readonly<Record<string, string | Uint8Array>> = {
  'no bytes': '',
  'every byte': Uint8Array.from({ length: 256 }, (_, i) => i),
  'one zero byte': '\0',
  'broken UTF-8': Uint8Array.of(0xc3, 0x28, 0xff, 0xed, 0xa0, 0x80),
  'a byte order mark': '\ufeff{}',
  'text with quotes and breaks': 'a "b" \\ \r\n\t\u2028 \0 é 😀',
  'a number that is no double': '106242075399214372653',
  'a number with its own form': '1.0',
  'JSON with its own white space': ' { "a" : [ 1.0, 1e5 ] }\n',
  'JSON over several lines': '{\n  "a": {\n    "b": "}"\n  }\n}',
  'a JSON string': '"text"',
  'a JSON string with escapes': '"\\u00e9\\ud83d \\/"',
  'text that looks like a JSON string': '"text',
  'what Python calls a number': 'NaN',
  'negative infinity': '-Infinity',
  'a JSON word': 'null',
  'JSON with doubled names': '{"a":1,"a":2,"__proto__":3}',
  'deep JSON': '['.repeat(10_000) + ']'.repeat(10_000),
  '1,024 bytes': 'x'.repeat(1024),
  '1,025 bytes': 'é'.repeat(512).concat('x'),
  '300,000 bytes': Buffer.alloc(300_000, 'some text, '),
};

export const VALUE_TYPES: readonly string[] = [
  'text/plain; charset="utf-8"',
  'a/b;c="\\"é 😀"',
  'application/json',
  `x/${'y'.repeat(1022)}`,
];

export function valuesContract(declare: Declare): void {
  for (const [title, value] of Object.entries(VALUES)) {
    declare(`keeps every byte of ${title}`, async (store) => {
      const a = entry('a', value);
      await store.commit({ put: [a] });
      assertSame([await store.get('a'), ...(await store.scan({ limit: 2 }))], [a, a]);
    });
  }

  declare('keeps values of 16 MiB', async (store) => {
    const value = new Uint8Array(16 * 1024 * 1024);
    for (let i = 0; i < value.length; i += 997) value[i] = i;
    await store.commit({ put: [entry('a', value), entry('b', value)] });
    const found = await store.get('a');
    assert.equal(Buffer.compare(found?.value ?? new Uint8Array(), value), 0);
    assert.equal((await store.size()).bytes, 2 * value.length + 2);
  });

  declare('keeps the right slice of a larger buffer', async (store) => {
    const whole = Buffer.alloc(8192, 'abcdefg');
    const put = [
      entry('a', whole.subarray(1, 4)),
      entry('b', whole.subarray(100, 5000)),
      entry('c', whole.subarray(7)),
    ];
    await store.commit({ put });
    assertSame(await store.scan({ limit: 10 }), put);
  });

  declare('keeps content types, versions and times exactly', async (store) => {
    const put = [
      ...VALUE_TYPES.map((contentType, i) => entry(`type ${i}`, '1', { contentType })),
      entry('first', '1', { version: 1, createdAt: 0, updatedAt: 1, expiresAt: 1 }),
      entry('last', '1', {
        version: Number.MAX_SAFE_INTEGER,
        createdAt: MAX_EXPIRES_AT,
        updatedAt: MAX_EXPIRES_AT,
        expiresAt: MAX_EXPIRES_AT,
      }),
      ...[1, 10, 100, 999].map((ms) => {
        const at = 1_700_000_000_000 + ms;
        return entry(`ms ${ms}`, '1', { createdAt: at, updatedAt: at + 1, expiresAt: at + 2 });
      }),
    ];
    await store.commit({ put });
    assertSame(await store.getMany(put.map((it) => it.key)), put);
  });

  declare('keeps awkward keys apart and as they are', async (store) => {
    const put = AWKWARD_KEYS.map((key) => entry(key, `value of ${key}`));
    await store.commit({ put });
    assertSame(await store.getMany(AWKWARD_KEYS), put);
    assert.deepEqual(keysOf(await store.scan({ limit: 1000 })), inByteOrder(AWKWARD_KEYS));
    for (const [i, key] of AWKWARD_KEYS.entries()) {
      assertSame([await store.get(key)], [put[i]]);
      await store.commit({ remove: [key] });
      assert.equal(await store.get(key), undefined);
      assert.equal((await store.size()).keys, AWKWARD_KEYS.length - i - 1);
    }
    assert.deepEqual(await store.size(), { keys: 0, bytes: 0 });
  });

  declare('finds no entry under the names of members that every object has', async (store) => {
    for (const key of ['__proto__', 'constructor', 'toString']) assert.equal(await store.get(key), undefined);
  });
}
