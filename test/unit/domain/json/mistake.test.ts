import { isUtf8 } from 'node:buffer';
import { expect } from 'chai';
import fc from 'fast-check';
import { isJson } from '../../../../src/domain/json/bytes.js';
import { describeMistake, jsonMistake } from '../../../../src/domain/json/mistake.js';
import { placeOf, placeOfByte } from '../../../../src/domain/json/place.js';
import { jsonTexts, nearlyJson } from './json-arbitraries.js';

function messageOf(text: string | Buffer, depth = 64): string | undefined {
  const bytes = Buffer.from(text);
  const mistake = jsonMistake(bytes, depth);
  return mistake && describeMistake(bytes, mistake).text;
}

describe('jsonMistake', () => {
  const cases: Readonly<Record<string, string>> = {
    '': 'line 1, column 1: it ends too early: a value is missing or is none of JSON',
    ' \n ': 'line 2, column 2: it ends too early: a value is missing or is none of JSON',
    nope: 'line 1, column 1: a value is missing or is none of JSON',
    '{\n  "a": 1,\n}': 'line 3, column 1: a member name in double quotes is missing',
    '{\n  "a": 1\n  "b": 2\n}': 'line 3, column 3: a comma or } is missing',
    '[1, 2': 'line 1, column 6: it ends too early: a comma or ] is missing',
    '[1,\r\n 2,,]': 'line 2, column 4: a value is missing or is none of JSON',
    '{"a" 1}': 'line 1, column 6: a colon is missing',
    '{"a":}': 'line 1, column 6: a value is missing or is none of JSON',
    '{"é😀": tru}': 'line 1, column 9: a value is missing or is none of JSON',
    "{'a': 1}": 'line 1, column 2: a member name in double quotes is missing',
    '{"a": "b\nc"}': 'line 1, column 9: a control character, such as a line break, must be escaped in a string',
    '{"a": "\\x"}': 'line 1, column 8: this is no escape of JSON',
    '["\\u00g0"]': 'line 1, column 3: this is no escape of JSON',
    '[\n"a]': 'line 2, column 1: the string that begins here has no end',
    '01': 'line 1, column 2: something follows the value',
    '1.': 'line 1, column 1: a value is missing or is none of JSON',
    '{}\n{}': 'line 2, column 1: something follows the value',
    '[1}': 'line 1, column 3: a comma or ] is missing',
    '\ufeff{}': 'line 1, column 1: it begins with a byte order mark',
    '// c\n{}': 'line 1, column 1: a value is missing or is none of JSON',
  };
  for (const [text, message] of Object.entries(cases)) {
    it(`finds the place in ${JSON.stringify(text)}`, () => {
      expect(messageOf(text)).to.equal(message);
    });
  }

  it('finds bytes that are not UTF-8, and what is nested too deep', () => {
    expect(messageOf(Buffer.from('["é"]', 'latin1'))).to.equal('line 1, column 3: a byte that is not UTF-8');
    expect(messageOf(Buffer.from('"\ufffd"'))).to.equal(undefined);
    expect(messageOf('[\n[[]]]', 2)).to.equal('line 2, column 2: it is nested deeper than 2 levels');
  });

  it('agrees with isJson about every text', () => {
    const agrees = (bytes: Buffer, depth: number) => {
      const mistake = jsonMistake(bytes, depth);
      expect(mistake === undefined, bytes.toString('latin1')).to.equal(isUtf8(bytes) && isJson(bytes, depth));
      if (mistake !== undefined) expect(mistake.at).to.be.within(0, bytes.length);
    };
    fc.assert(fc.property(fc.oneof(jsonTexts, nearlyJson), (text) => agrees(Buffer.from(text), 3)));
    fc.assert(fc.property(nearlyJson, (text) => agrees(Buffer.from(text, 'latin1'), 64)));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => agrees(Buffer.from(bytes), 64)));
  });
});

describe('placeOf', () => {
  it('counts lines and columns from 1, as editors do', () => {
    const text = 'ab\n\ncé😀d\r\ne';
    const expected = [...'11 12 13 21 31 32 33 34 35 36 37 41 42'.split(' ')];
    const places = Array.from({ length: text.length + 1 }, (_, i) => placeOf(text, i));
    expect(places.map(({ line, column }) => `${line}${column}`)).to.deep.equal(expected);
    expect(placeOfByte(Buffer.from(text), Buffer.byteLength('ab\n\ncé'))).to.deep.equal({ line: 3, column: 3 });
  });
});
