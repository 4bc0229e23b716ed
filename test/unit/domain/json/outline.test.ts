import { expect } from 'chai';
import fc from 'fast-check';
import { JsonText, outlineOf, readOutline } from '../../../../src/domain/json/outline.js';
import { jsonTexts } from './json-arbitraries.js';

const VERBATIM = new Set(['json']);

/** The texts that an outline keeps. */
const textsOf = (text: string, names = VERBATIM) => outlineOf(text, names).values.map((value) => value.text);
const read = (text: string, names = VERBATIM) => readOutline(outlineOf(text, names), names);

describe('An outline', () => {
  it('replaces the values of some members by their position, and keeps them as they were written', () => {
    const { text, values } = outlineOf('{"a": 1.0, "json" : { "f": 1.50 } , "b":[{"json":1e400}]}', VERBATIM);
    expect(text).to.equal('{"a": 1.0, "json" : 0 , "b":[{"json":1}]}');
    expect(values.map((value) => value.text)).to.deep.equal(['{ "f": 1.50 }', '1e400']);
  });

  it('is the text itself if there are no such members', () => {
    for (const text of ['{}', '[1, 2]', '"json"', '["json", 1]', '{"a":"json"}', '{"a":"\\"json\\": 1"}']) {
      expect(outlineOf(text, VERBATIM), text).to.deep.include({ text, values: [] });
      expect(read(text)).to.deep.equal(JSON.parse(text));
    }
  });

  it('keeps values of every kind, without the white space around them', () => {
    for (const value of ['null', 'true', '-0', '1.0', '""', '"a\\"}"', '[]', '[ 1 ,2 ]', '{}', '{"a":"]"}']) {
      expect(textsOf(`{"json"  :\n ${value}\t}`), value).to.deep.equal([value]);
      expect(textsOf(`{"json":${value},"a":1}`), value).to.deep.equal([value]);
    }
  });

  it('does not look for members inside a value that it keeps', () => {
    expect(textsOf('{"json":{"json":1,"a":{"json":2}}}')).to.deep.equal(['{"json":1,"a":{"json":2}}']);
  });

  it('compares names after their escapes', () => {
    expect(textsOf('{"j\\u0073on":1}')).to.deep.equal(['1']);
    expect(textsOf('{"json\\u0000":1}')).to.deep.equal([]);
  });

  it('counts the objects of the text, but not those inside values that it keeps', () => {
    const counts = { '1': 0, '"{"': 0, '{}': 1, '[{},{"a":{}}]': 3, '{"json":{"a":{}}}': 1 };
    for (const [text, objects] of Object.entries(counts)) {
      expect(outlineOf(text, VERBATIM).objects, text).to.equal(objects);
    }
  });

  it('is read with its values as texts', () => {
    expect(read('{"a":[{"json":1.0}],"json":null}')).to.deep.equal({
      a: [{ json: new JsonText('1.0') }],
      json: new JsonText('null'),
    });
  });

  it('counts the last of members that share a name', () => {
    expect(read('{"json":1,"json":2.0}')).to.deep.equal({ json: new JsonText('2.0') });
  });

  it('is read as JSON.parse reads the text, for random JSON', () => {
    const names = new Set(['a', 'b', '"', 'json']);
    const texts = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, jsonTexts, tie('object')),
      object: fc
        .array(fc.tuple(fc.constantFrom('"a"', '"b"', '"c"', '"\\u0061"', '"\\""'), tie('value')), { maxLength: 4 })
        .map((members) => `{ ${members.map(([name, value]) => `${name} : ${value}`).join(' ,\n')} }`),
    })).object as fc.Arbitrary<string>;
    fc.assert(
      fc.property(texts, (text) => {
        expect(unwrapped(read(text, names))).to.deep.equal(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });
});

/** A value with its texts parsed. */
function unwrapped(value: unknown): unknown {
  if (value instanceof JsonText) return JSON.parse(value.text);
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, unwrapped(member)]));
}
