import { expect } from 'chai';
import fc from 'fast-check';
import { isJson, skipJson, skipSpace, skipString } from '../../../../src/domain/json/bytes.js';
import { jsonTexts, nearlyJson, parsed } from './json-arbitraries.js';

const check = (text: string | Buffer, depth?: number) => isJson(Buffer.from(text), depth);

describe('isJson', () => {
  it('accepts every kind of JSON value', () => {
    const values = ['null', 'true', 'false', '0', '-0', '12', '1.5', '-1e9', '1E+2', '1e-2', '""', '"é😀"', '[]', '{}'];
    const composed = [
      '[1,[2,{}],""]',
      '{"a":{"b":[]},"c":null}',
      ' \t\r\n[ 1 , 2 ]\n',
      '{"":0}',
      '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00aF"',
    ];
    for (const text of [...values, ...composed]) expect(check(text), text).to.equal(true);
  });

  it('refuses everything else', () => {
    const numbers = ['01', '-', '+1', '.5', '1.', '1e', '1e+', '0x1', 'NaN', 'Infinity', '-Infinity', '--1', '1 2'];
    const words = ['', ' ', 'nul', 'nulll', 'True', 'undefined', "'a'", 'a', '\ufeff1', '\u00a01'];
    const strings = ['"', '"a', '"\\"', '"\\x"', '"\\u00g0"', '"\\u000g"', '"\\u00"', '"\n"', '"\u0000"', '"\u001f"'];
    const composed = [
      '[',
      ']',
      '[1',
      '[1,]',
      '[,1]',
      '[1 2]',
      '{',
      '{"a"}',
      '{"a":}',
      '{"a":1,}',
      '{a:1}',
      '{1:2}',
      '[}',
      '{]',
      '[]]',
      '{"a":1}}',
      '{"a" 1}',
    ];
    for (const text of [...numbers, ...words, ...strings, ...composed]) expect(check(text), text).to.equal(false);
  });

  it('agrees with JSON.parse, for random texts', () => {
    fc.assert(
      fc.property(fc.oneof(nearlyJson, fc.string()), (text) => {
        expect(isJson(Buffer.from(text), Number.POSITIVE_INFINITY)).to.equal(parsed(text) !== undefined);
      }),
      { numRuns: 3000 },
    );
  });

  it('checks every byte of a long string, at any alignment in memory', () => {
    const memory = Buffer.alloc(300);
    for (let offset = 0; offset < 8; offset++) {
      const bytes = memory.subarray(offset, offset + 202).fill('x');
      bytes[0] = bytes[201] = 0x22;
      expect(isJson(bytes)).to.equal(true);
      for (let at = 1; at < 201; at++) {
        for (const bad of [0x00, 0x1f, 0x22, 0x5c]) {
          bytes[at] = bad;
          // A backslash before the last quote, or an x: neither leaves a string.
          expect(isJson(bytes), `${bad} at ${at} after ${offset}`).to.equal(false);
        }
        bytes[at] = 0x78;
      }
    }
  });

  it('does not check the UTF-8 of strings', () => {
    expect(check(Buffer.from([0x22, 0xff, 0xc3, 0x22]))).to.equal(true);
  });

  it('accepts arrays and objects up to the depth, 64 by default', () => {
    const nested = (open: string, close: string, levels: number) => `${open.repeat(levels)}1${close.repeat(levels)}`;
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      for (const depth of [0, 1, 5]) {
        expect(check(nested(open, close, depth), depth)).to.equal(true);
        expect(check(nested(open, close, depth + 1), depth)).to.equal(false);
      }
      expect(check(nested(open, close, 64))).to.equal(true);
      expect(check(nested(open, close, 65))).to.equal(false);
      expect(check(nested(open, close, 100_000), 100_000)).to.equal(true);
    }
    expect(check('[]', 0)).to.equal(false);
    expect(check('[[],[],[]]', 2), 'not the number of arrays').to.equal(true);
  });
});

describe('skipJson', () => {
  const skip = (text: string, from = 0, python = false) => skipJson(Buffer.from(text), from, 64, python);

  it('returns the position after the value', () => {
    const after = { '1,2': 1, '[1],': 3, '{"a":1}x': 7, '"a"b': 3, 'true false': 4, '1 ': 1 };
    for (const [text, end] of Object.entries(after)) expect(skip(text), text).to.equal(end);
    expect(skip('[1,2]', 3)).to.equal(4);
  });

  it('returns -1 if there is no value, or only a part of one', () => {
    for (const text of ['', ' 1', ',', '[1', '"a', 'tru', '-', '{"a":1']) expect(skip(text), text).to.equal(-1);
    expect(skip('1', 1)).to.equal(-1);
  });

  it('skips NaN and infinities of Python only on request', () => {
    for (const text of ['NaN', 'Infinity', '-Infinity', '[NaN,{"a":-Infinity}]']) {
      expect(skip(text), text).to.equal(-1);
      expect(skip(text, 0, true), text).to.equal(text.length);
    }
    for (const text of ['Nan', 'Infinit', '-Inf', '-NaN']) expect(skip(text, 0, true), text).to.equal(-1);
    expect(skip('-1', 0, true)).to.equal(2);
  });

  it('skips a whole JSON text, for random ones', () => {
    fc.assert(
      fc.property(jsonTexts, fc.constantFrom(',', ']', ' ', '\n'), (text, next) => {
        const bytes = Buffer.from(text);
        expect(skipJson(Buffer.from(text + next), 0, Number.POSITIVE_INFINITY)).to.equal(bytes.length);
      }),
    );
  });
});

describe('skipSpace and skipString', () => {
  it('return the position after white space, which is that of JSON only', () => {
    expect(skipSpace(Buffer.from(' \t\r\n1'), 0)).to.equal(4);
    expect(skipSpace(Buffer.from('1'), 0)).to.equal(0);
    for (const other of ['\v', '\f', '\u00a0', '\u0000']) expect(skipSpace(Buffer.from(other), 0)).to.equal(0);
  });

  it('return the position after a string, or -1', () => {
    expect(skipString(Buffer.from('"a\\"b"c'), 0)).to.equal(6);
    expect(skipString(Buffer.from('x"a"'), 1)).to.equal(4);
    for (const text of ['a"', '"a', '"\\', '"\\u12']) expect(skipString(Buffer.from(text), 0), text).to.equal(-1);
  });
});
