import { expect } from 'chai';
import fc from 'fast-check';
import { compareKeys, keyProblem, passes } from '../../../src/domain/key.js';

/** Any string, often with what UTF-16 and UTF-8 order differently, or with a lone surrogate. */
const strings = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc
    .array(
      fc.constantFrom('a', '\u0000', 'é', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}', '\ud83d', '\ude00'),
    )
    .map((parts) => parts.join('')),
);

describe('A key', () => {
  it('is a string of 1 to 512 bytes of UTF-8', () => {
    expect(keyProblem('')).to.match(/empty/);
    for (const unit of ['k', 'é', '€', '😀', '\u0000']) {
      const most = Math.floor(512 / Buffer.byteLength(unit));
      expect(keyProblem(unit), unit).to.equal(undefined);
      expect(keyProblem(unit.repeat(most)), unit).to.equal(undefined);
      expect(keyProblem(unit.repeat(most + 1)), unit).to.match(/at most 512 bytes/);
    }
  });

  it('has no lone surrogate, wherever it is', () => {
    for (const bad of ['\ud800', 'a\udfff', '\udc00\ud800', `${'k'.repeat(200)}\ud83d`, '\ud83dx']) {
      expect(keyProblem(bad), JSON.stringify(bad)).to.match(/surrogate/);
    }
    expect(keyProblem('\ud83d\ude00')).to.equal(undefined);
  });

  it('may be any other string', () => {
    for (const key of ['.', '..', '/', ' ', '__proto__', '\n', '\u0000', '\ufeff', '%2F']) {
      expect(keyProblem(key), JSON.stringify(key)).to.equal(undefined);
    }
  });

  it('is valid exactly if its bytes are valid, for random strings', () => {
    fc.assert(
      fc.property(strings, (text) => {
        const bytes = Buffer.from(text);
        const isValid = bytes.length >= 1 && bytes.length <= 512 && bytes.toString() === text;
        expect(keyProblem(text) === undefined).to.equal(isValid);
      }),
    );
  });
});

describe('The order of keys', () => {
  const sign = (a: string, b: string) => Math.sign(compareKeys(a, b));

  it('is that of their UTF-8 bytes, not of their UTF-16 units', () => {
    const sorted = ['', 'a', 'a\u0000', 'aa', 'b', 'é', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '😀', '\u{10ffff}'];
    for (const [i, a] of sorted.entries()) {
      for (const [j, b] of sorted.entries()) expect(sign(a, b), JSON.stringify([a, b])).to.equal(Math.sign(i - j));
    }
  });

  it('is that of Buffer.compare, for random keys', () => {
    const keys = strings.filter((text) => text.isWellFormed());
    fc.assert(
      fc.property(keys, keys, (a, b) => {
        expect(sign(a, b)).to.equal(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('A filter of keys', () => {
  it('passes keys with its prefix, or exactly those that it names', () => {
    const byPrefix = { prefix: 'a/', keys: undefined };
    expect(['a/', 'a/b', 'a', 'b/a/', ''].filter((key) => passes(byPrefix, key))).to.deep.equal(['a/', 'a/b']);
    const byName = { prefix: '', keys: new Set(['a', 'b']) };
    expect(['a', 'b', 'ab', ''].filter((key) => passes(byName, key))).to.deep.equal(['a', 'b']);
    expect(passes({ prefix: '', keys: undefined }, 'anything')).to.equal(true);
    expect(passes({ prefix: '', keys: new Set() }, 'anything')).to.equal(false);
  });
});
