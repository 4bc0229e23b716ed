import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { entry } from '../../../../../contract/store-fixture.js';
import { JsonFileFolder, shown } from './json-file-fixture.js';

const TIMES = '"created_at": 1795218403, "updated_at": 1795218404.25';

describe('The file of a json-file store', () => {
  it('is an empty object at first', () =>
    JsonFileFolder.with(async (folder) => {
      await folder.create();
      expect(await folder.text()).to.equal('{}\n');
      await (await folder.open()).close();
      expect(await folder.text()).to.equal('{}\n');
    }));

  it('holds an entry a line in the order of keys, JSON as it came and all that is known of it', () =>
    JsonFileFolder.with(async (folder) => {
      await folder.create();
      const store = await folder.open();
      const more = { version: 36, createdAt: 1000, updatedAt: 1_795_218_404_250 };
      await store.commit({
        put: [
          entry('text', 'say "hi"', more),
          entry('json', '{"a": 1.0}', { ...more, contentType: 'application/json', expiresAt: 2001 }),
          entry('bytes', Uint8Array.of(255, 0), { ...more, contentType: 'image/png' }),
          entry('a string', '"s"', { ...more, contentType: 'application/json' }),
          entry('looks like a number', '12 ', more),
        ],
      });
      await store.close();
      const begin = (size: number) => `{"created_at": 1, "updated_at": 1795218404.25, "size_bytes": ${size}, `;
      const end = (type: string) => `"version": "10", "content_type": "${type}"`;
      expect((await folder.text()).split('\n')).to.deep.equal([
        '{',
        `"a string": ${begin(3)}"value": "s", ${end('application/json')}, "encoding": "json"},`,
        `"bytes": ${begin(2)}"value": "/wA=", ${end('image/png')}, "encoding": "base64"},`,
        `"json": ${begin(10)}"value": {"a": 1.0}, ${end('application/json')}, "expires_at": 2.001},`,
        `"looks like a number": ${begin(3)}"value": "12 ", ${end('text/plain')}, "encoding": "text"},`,
        `"text": ${begin(8)}"value": "say \\"hi\\"", ${end('text/plain')}}`,
        '}',
        '',
      ]);
    }));

  it('holds the metadata of an entry after all else, on its line', () =>
    JsonFileFolder.with(async (folder) => {
      await folder.create();
      const store = await folder.open();
      await store.commit({
        put: [entry('a', '1', { meta: '{"by":"Zoë"}', expiresAt: 5000 }), entry('b', '"', { meta: '{}' })],
      });
      await store.close();
      const [, a, b] = (await folder.text()).split('\n');
      expect(a).to.match(/"expires_at": 5, "meta": {"by":"Zoë"}},$/);
      expect(b).to.match(/"content_type": "text\/plain", "meta": {}}$/);
    }));

  it('may have metadata that was edited by hand, but only an object of at most 1,024 bytes', () =>
    JsonFileFolder.with(async (folder) => {
      const file = (meta: string) => `{"a": {"value": 1, "meta": ${meta}, ${TIMES}}}`;
      const store = await folder.openText(file('{\n    "by" : "Zo\\u00eb"\n  }'));
      expect((await store.get('a'))?.meta).to.equal('{"by":"Zoë"}');
      await store.close();
      for (const wrong of ['[]', '"{}"', 'null', '{"a": NaN}', `{"a":"${'x'.repeat(1017)}"}`]) {
        const message = await folder.openText(file(wrong)).catch((error: Error) => error.message);
        expect(message, wrong).to.match(/has an entry that cannot be read: "meta" (?:must|may).* at byte 6/);
      }
    }));

  it('of Simple-PyKV opens as it is, no value rounded, without the space that indents the file', () =>
    JsonFileFolder.with(async (folder) => {
      const values = {
        number: ['106242075399214372653', '106242075399214372653 · application/json'],
        double: ['1.0', '1.0 · application/json'],
        'not a number': ['{"a": [NaN, -Infinity, Infinity]}', '{"a": [NaN, -Infinity, Infinity]} · application/json'],
        text: ['"h\\u00e9 \\ud83d\\udc0e \\"\\/\\n"', 'hé 🐎 "/\n · text/plain; charset=utf-8'],
        'text of a number': ['"123"', '"123" · application/json'],
        'half a pair': ['"\\ud83d"', '"\\ud83d" · application/json'],
        'over lines': ['{\n      "a": 1\n    }', '{"a":1} · application/json'],
        nothing: ['""', ' · text/plain; charset=utf-8'],
        null: ['null', 'null · application/json'],
      };
      const items = Object.entries(values).map(
        ([key, [json]]) =>
          `  ${JSON.stringify(key)}: {\n    ${TIMES},\n    "size_bytes": 5,\n    "value": ${json}\n  }`,
      );
      let store = await folder.openText(`{\n${items.join(',\n')}\n}`);
      for (let round = 0; round < 2; round++) {
        for (const [key, [, seen]] of Object.entries(values)) expect(await shown(store, key)).to.equal(seen);
        const { version, createdAt, updatedAt } = (await store.get('text')) ?? entry('missing');
        expect([version, createdAt, updatedAt]).to.deep.equal([1795218404250000, 1795218403000, 1795218404250]);
        // The second time from a file of our own.
        await store.commit({ put: [entry('ours', '1')] });
        await store.close();
        store = await folder.open();
      }
      await store.close();
    }));

  it('may be one that Simple-PyKV wrote', () =>
    JsonFileFolder.with(async (folder) => {
      const store = await folder.openText(await readFile('test/compat/simple-pykv-data/storage_data/notes_store.json'));
      expect((await store.size()).keys).to.equal(7);
      expect(await shown(store, 'unicode')).to.equal('žluťoučký kůň 🐎 · text/plain; charset=utf-8');
      expect(await shown(store, 'big')).to.equal('{"n":106242075399214372653} · application/json');
      await store.close();
    }));

  it('may be edited by hand in any layout', () =>
    JsonFileFolder.with(async (folder) => {
      const item = `{"value":\t"x" ,\r\n ${TIMES}, "version":"zz","encoding" : "text","content_type": "a\\/b" }`;
      const store = await folder.openText(`\n {"k\\u00e9y" :${item} , "":null}`.replace(' , "":null', ' '));
      expect(await shown(store, 'kéy')).to.equal('x · a/b');
      expect((await store.get('kéy'))?.version).to.equal(35 * 36 + 35);
      await store.close();
    }));

  for (const [name, edit] of Object.entries({
    'a byte order mark': (text: string) => `\uFEFF${text}`,
    'line ends of Windows': (text: string) => text.replaceAll('\n', '\r\n'),
    'both, and other white space': (text: string) => `\uFEFF\r\n\t${text.replaceAll('\n', '\r\n\t ')}`,
  })) {
    it(`may be saved with ${name}, and is written without`, () =>
      JsonFileFolder.with(async (folder) => {
        const text = `{\n"b": {${TIMES}, "value": 2},\n"a": {${TIMES}, "value": "x"}\n}\n`;
        const store = await folder.openText(edit(text));
        expect((await store.scan({ limit: 9 })).map(({ key }) => key)).to.deep.equal(['a', 'b']);
        await store.commit({ put: [entry('c', '3')] });
        await store.close();
        expect(await folder.text()).to.match(/^\{\n"a": /);
      }));
  }

  it('is refused as UTF-16, and if its byte order mark is cut off', () =>
    JsonFileFolder.with(async (folder) => {
      const open = (bytes: Buffer) => folder.openText(bytes).catch((error: Error) => error.message);
      expect(await open(Buffer.from('\uFEFF{}', 'utf16le'))).to.match(/is UTF-16, save it as UTF-8, at byte 0/);
      expect(await open(Buffer.from([0xef, 0xbb]))).to.match(/is cut off or no JSON/);
      expect(await open(Buffer.from([0xef, 0xbb, 0x7b]))).to.match(/holds no JSON object, at byte 0/);
    }));

  it('may have an entry larger than what is read at once', () =>
    JsonFileFolder.with(async (folder) => {
      const value = `["${'é'.repeat(3_000_000)}"]`;
      const store = await folder.openText(`{"a": {${TIMES}, "value": ${value}}, "b": {${TIMES}, "value": 1}}`);
      expect((await store.get('a'))?.value.length).to.equal(Buffer.byteLength(value));
      expect(await shown(store, 'b')).to.equal('1 · application/json');
      await store.close();
    }));
});
