import { expect } from 'chai';
import fc from 'fast-check';
import { compareDecimals, decimalOf, isInteger, isMultiple } from '../../src/infrastructure/rules/decimal.js';
import { compileValueSchema } from '../../src/infrastructure/rules/value-schema.js';
import { checkProperty, seeded } from './harness/properties.js';

/** JSON numbers whose digits are often related, so that equal ones and multiples are found. */
const numbers = fc
  .record({
    minus: fc.constantFrom('', '-'),
    whole: fc.oneof(fc.nat(30).map(String), fc.bigInt({ min: 0n, max: 10n ** 30n }).map(String)),
    fraction: fc.oneof(
      fc.constant(''),
      fc.constantFrom('.0', '.07', '.29', '.35', '.50', '.999'),
      fc.nat().map((n) => `.${n}`),
    ),
    exponent: fc.oneof(
      fc.constant(''),
      fc.integer({ min: -40, max: 40 }).map((n) => `e${n}`),
      fc.constantFrom('E+2', 'e-0'),
    ),
  })
  .map(({ minus, whole, fraction, exponent }) => `${minus}${whole}${fraction}${exponent}`);

/** All numbers are compared as integers, after multiplication by this. */
const SCALE = 60n;

describe(seeded('Decimal numbers'), () => {
  it('are compared and divided as integers of any length are', () => {
    checkProperty(20_000, fc.tuple(numbers, numbers), ([a, b]) => {
      const [x, y] = [scaled(a), scaled(b)];
      const [one, other] = [decimalOf(a), decimalOf(b)];
      expect(Math.sign(compareDecimals(one, other))).to.equal(x < y ? -1 : x > y ? 1 : 0);
      expect(isInteger(one)).to.equal(x % 10n ** SCALE === 0n);
      expect(isMultiple(one, other)).to.equal(y === 0n ? x === 0n : x % y === 0n);
    });
  });

  it('satisfy a schema exactly if their digits do', () => {
    const limits = fc.oneof(
      fc.constantFrom(0.01, 0.05, 0.1, 0.3, 1, 7, 1e21, 1e-7),
      fc.double({ min: 1e-20, max: 1e20, noNaN: true }),
    );
    checkProperty(100, fc.tuple(numbers, limits), ([text, limit]) => {
      const [x, y] = [scaled(text), scaled(`${limit}`)];
      const expected = { minimum: x >= y, maximum: x <= y, exclusiveMinimum: x > y, exclusiveMaximum: x < y };
      const all = { ...expected, const: x === y, multipleOf: x % y === 0n };
      for (const [keyword, allows] of Object.entries(all)) {
        expect(compileValueSchema({ [keyword]: limit })(text).length === 0, `${keyword} ${limit}`).to.equal(allows);
      }
      const unique = compileValueSchema({ uniqueItems: true })(`[${text}, ${limit}]`);
      expect(unique.length === 0).to.equal(x !== y);
    });
  });
});

/** A JSON number times a power of ten that makes it an integer. */
function scaled(text: string): bigint {
  const [, minus, whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE](.+))?$/.exec(text) ?? [];
  const digits = BigInt(whole + fraction) * (minus ? -1n : 1n);
  return digits * 10n ** (SCALE + BigInt(Number(exponent)) - BigInt(fraction.length));
}
