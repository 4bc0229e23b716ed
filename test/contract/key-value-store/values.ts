import { expect } from 'chai';
import type { Stored } from '../../../src/interfaces/key-value-store/values.js';
import { AWKWARD_KEYS } from '../store-fixture.js';
import { bytesOf, codeOf, type Declare } from './fixture.js';

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, i) => i);
const JSON_VALUES: readonly unknown[] = [
  ...[null, true, 0, -1.5, 1e300, '', 'q', '"q"', '1', '\u2028 é 😀 \0', '\ud83d', [], {}, [1, [2, [3]]]],
  { 10: 'a', 2: 'b', 'a/b': { c: null } },
];
/** Texts that a parser of JSON changes. */
const EXACT_JSON = ['1.0', '1e5', '106242075399214372653', ' { "a" : 1, "a" : 2 }\n', '"\\u00e9"'];
const TEXTS = ['', 'q', '"q"', '1.0', 'null', '\ufeffx', 'a "b" \\ \r\n\t\u2028 \0 é 😀'];

export function valuesContract(declare: Declare): void {
  declare('returns every JSON value as it was put', async (store) => {
    for (const value of JSON_VALUES) {
      await store.put('a', value);
      expect((await store.get('a'))?.value).to.deep.equal(value);
      expect((await store.get('a', { as: 'text' }))?.value).to.equal(JSON.stringify(value));
    }
    expect((await store.get('a'))?.contentType).to.equal('application/json');
  });

  declare('keeps the text of JSON, digit for digit', async (store) => {
    for (const text of EXACT_JSON) {
      await store.put('a', text, { as: 'text', contentType: 'application/json' });
      expect((await store.get('a', { as: 'text' }))?.value).to.equal(text);
      expect((await store.get('a'))?.value).to.deep.equal(JSON.parse(text));
    }
  });

  declare('returns a text as it was put, whatever it looks like', async (store) => {
    for (const text of TEXTS) {
      await store.put('a', text, { as: 'text' });
      expect((await store.get('a'))?.value).to.equal(text);
      expect((await store.get('a', { as: 'text' }))?.value).to.equal(text);
      expect((await store.get('a', { as: 'bytes' }))?.value).to.deep.equal(bytesOf(text));
    }
    expect((await store.get('a'))?.contentType).to.equal('text/plain; charset=utf-8');
  });

  declare('keeps every byte, also of no bytes, and if the caller changes the array', async (store) => {
    const bytes = Uint8Array.from(EVERY_BYTE);
    const putting = store.put('a', bytes);
    bytes.fill(7);
    await putting;
    expect((await store.get('a'))?.value).to.deep.equal(EVERY_BYTE);
    expect((await store.get('a'))?.contentType).to.equal('application/octet-stream');
    await store.put('a', new Uint8Array(0));
    expect((await store.get('a'))?.value).to.deep.equal(new Uint8Array(0));
  });

  declare('keeps the content type that is given', async (store) => {
    for (const contentType of ['image/png', 'application/vnd.api+json; charset=utf-8', 'text/x; a="b c"']) {
      await store.put('a', bytesOf('{"n":1}'), { contentType });
      expect((await store.head('a'))?.contentType).to.equal(contentType);
      const expected = contentType.includes('json') ? { n: 1 } : contentType.startsWith('text') && '{"n":1}';
      expect((await store.get('a'))?.value).to.deep.equal(expected || bytesOf('{"n":1}'));
    }
  });

  declare('refuses to read a value as what it is not', async (store) => {
    await store.put('bytes', Uint8Array.of(0xff));
    await store.put('text', 'no JSON', { as: 'text' });
    expect(await codeOf(store.get('bytes', { as: 'text' }))).to.equal('unprocessable');
    expect(await codeOf(store.get('bytes', { as: 'json' }))).to.equal('unprocessable');
    expect(await codeOf(store.get('text', { as: 'json' }))).to.equal('unprocessable');
    expect(await codeOf(store.get('text', { as: 'xml' as 'text' }))).to.equal('invalid');
  });

  declare('refuses to store what cannot be represented', async (store) => {
    const loop: unknown[] = [];
    loop.push(loop);
    for (const value of [undefined, () => 1, 1n, loop]) {
      expect(await codeOf(store.put('a', value)), String(typeof value)).to.equal('invalid');
    }
    // JSON.stringify makes null or {} of these.
    for (const value of [
      Number.NaN,
      -Infinity,
      new ArrayBuffer(1),
      new Uint16Array(1),
      new Map([[1, 2]]),
      new Set([1]),
    ]) {
      expect(await codeOf(store.put('a', value)), String(value)).to.equal('invalid');
      expect(await codeOf(store.putMany([{ key: 'a', value }])), String(value)).to.equal('invalid');
    }
    expect(await codeOf(store.put('a', 'text', { as: 'bytes' as 'text' }))).to.equal('invalid');
    expect(await codeOf(store.put('a', 'half \ud83d', { as: 'text' }))).to.equal('invalid');
    expect(await store.has('a')).to.equal(false);
  });

  declare('takes every key, and no other one for it', async (store) => {
    const withEach = <R>(task: (key: string) => Promise<R>) => Promise.all(AWKWARD_KEYS.map(task));
    await withEach((key) => store.put(key, key));
    expect((await withEach((key) => store.head(key))).map((head) => head?.key)).to.deep.equal(AWKWARD_KEYS);
    expect((await withEach((key) => store.get(key))).map((entry) => entry?.value)).to.deep.equal(AWKWARD_KEYS);
    expect(await store.count()).to.equal(AWKWARD_KEYS.length);
    expect(await withEach((key) => store.delete(key))).to.deep.equal(AWKWARD_KEYS.map(() => true));
    expect(await store.count()).to.equal(0);
  });

  declare('refuses keys that are empty, too long or half a character', async (store) => {
    for (const key of ['', 'k'.repeat(513), 'é'.repeat(257), 'a\ud800']) {
      const tasks = [store.get(key), store.has(key), store.put(key, 1), store.delete(key), store.increment(key)];
      for (const code of await Promise.all(tasks.map(codeOf))) expect(code, JSON.stringify(key)).to.equal('invalid');
      expect(await codeOf(store.getMany(['a', key]))).to.equal('invalid');
      expect(await codeOf(store.putMany([{ key, value: 1 }]))).to.equal('invalid');
    }
  });

  declare('describes an entry alike with and without its value', async (store) => {
    const before = Math.floor(Date.now() / 1000) * 1000;
    const version = await store.put('a', 'é', { as: 'text', ttl: 60 });
    const { value, ...head } = (await store.get('a')) as Stored<unknown>;
    expect(value).to.equal('é');
    expect(await store.head('a')).to.deep.equal(head);
    expect(head).to.include({ key: 'a', version, sizeBytes: 2 });
    for (const time of [head.createdAt, head.updatedAt]) expect(time.getTime()).to.be.within(before, Date.now());
    expect(head.expiresAt?.getTime()).to.be.within(before + 60_000, Date.now() + 60_000);
    expect([await store.get('b'), await store.head('b'), await store.has('b')]).to.deep.equal([
      ...[undefined, undefined, false],
    ]);
    await store.put('a', 1);
    expect((await store.head('a'))?.expiresAt).to.equal(undefined);
  });
}
