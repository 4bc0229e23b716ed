import { expect } from 'chai';
import fc from 'fast-check';
import { entryMeta } from '../../../../src/domain/json/entry-meta.js';
import { MAX_META_BYTES } from '../../../../src/domain/limits.js';
import { errorOf } from '../entry-fixture.js';

describe('The metadata of an entry', () => {
  it('is kept without space between its tokens and without needless escapes, in its order and with its digits', () => {
    const texts = {
      ' {\t"b" : [ 1.0 , 1e400 ],\r\n"a": " x  y "} ': '{"b":[1.0,1e400],"a":" x  y "}',
      '{"\\u00e9":"\\/\\ud83d\\ude00"}': '{"é":"/😀"}',
      '{"half":"\\ud83d","quote":"\\"\\\\"}': '{"half":"\\ud83d","quote":"\\"\\\\"}',
      '{"a":1,"a":2,"__proto__":{}}': '{"a":1,"a":2,"__proto__":{}}',
      '{}': '{}',
    };
    for (const [sent, kept] of Object.entries(texts)) expect(entryMeta(sent, 'meta')).to.equal(kept);
  });

  it('means the same as what was sent, and is kept as it is when it is sent again', () => {
    const object = fc.dictionary(fc.string({ unit: 'binary', maxLength: 5 }), fc.jsonValue({ maxDepth: 1 }), {
      maxKeys: 3,
    });
    fc.assert(
      fc.property(object, fc.constantFrom(0, 1, '\t'), (sent, space) => {
        const text = JSON.stringify(sent, null, space);
        fc.pre(Buffer.byteLength(text) <= MAX_META_BYTES);
        const meta = entryMeta(text, 'meta');
        expect(JSON.parse(meta)).to.deep.equal(JSON.parse(text));
        expect(entryMeta(meta, 'meta')).to.equal(meta);
      }),
    );
  });

  it('is refused if it is no JSON, no object or nested too deep', () => {
    const texts = ['', 'x', '{"a":1', '{a:1}', '{"a":1} {}', '[{}]', '"{}"', 'null', '1', '\ufeff{}', '{"a":"\ud800"}'];
    for (const text of [...texts, `{"a":${'['.repeat(64)}${']'.repeat(64)}}`]) {
      const { message, details } = errorOf('invalid', () => entryMeta(text, 'meta', { path: 'meta' }));
      expect(message, text).to.match(/^meta must be a JSON object/);
      expect(details).to.deep.equal({ path: 'meta' });
    }
  });

  it('has 1,024 bytes at most, space and escapes not counted', () => {
    const largest = `{"a":"${'é'.repeat(508)}"}`;
    expect(entryMeta(` ${largest.replaceAll('é', '\\u00e9')} `, 'meta')).to.equal(largest);
    const { details } = errorOf('too_large', () => entryMeta(largest.replace('a', 'ab'), 'KV-Meta', { header: 'x' }));
    expect(details).to.deep.equal({ header: 'x', limit_bytes: 1024, sent_bytes: 1025 });
  });
});
