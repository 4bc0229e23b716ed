import { expect } from 'chai';
import { compileValueSchema } from '../../../../src/infrastructure/rules/value-schema.js';

const CASES: readonly [schema: object, allowed: readonly string[], refused: readonly string[]][] = [
  [
    { type: 'number', multipleOf: 0.01 },
    ['0.07', '0.29', '4.35', '19.99', '0.1', '1.1', '-0.07', '0', '-0', '7e-2', '1e400', '123456789012345678.91'],
    ['0.001', '0.071', '1e-400', '1e-3', '123456789012345678.911', '0.0700000000000000001'],
  ],
  [
    { multipleOf: 7 },
    ['7e400', '21000000000000000000000000000000000'],
    ['1e400', '21000000000000000000000000000000001'],
  ],
  [{ multipleOf: 1e-300 }, ['1', '1e-299', '1e400'], ['1e-301', '1e-400']],
  [{ multipleOf: 1e300 }, ['1e300', '3e400', '0'], ['1', '1e299']],
  [{ type: 'number' }, ['1e400', '-1e400', '1e-400', '1e99999999999999999999'], ['"1e400"', 'null']],
  [
    { type: 'integer' },
    ['1e400', '12345678901234567890', '1.0', '12345678901234567890.0', '5e0'],
    ['12345678901234567890.5', '1e-400', '1.5', '9007199254740993.5'],
  ],
  [{ maximum: 9007199254740992 }, ['9007199254740992', '-1e400', '1e-400'], ['9007199254740993', '1e400']],
  [{ exclusiveMaximum: 0.1 }, ['0.0999999999999999999999'], ['0.1', '0.10000000000000000000000001', '0.100']],
  [{ minimum: 0.3 }, ['0.3', '0.30000000000000000000001', '1e400'], ['0.29999999999999999999999999', '-1e400']],
  [{ exclusiveMinimum: 0 }, ['1e-400', '1e400'], ['0', '-0', '-1e-400', '0e999']],
  [
    { const: 9007199254740992 },
    ['9007199254740992', '9007199254740992.0', '90071992547409920e-1'],
    ['9007199254740993'],
  ],
  [{ const: { a: [1, null], b: 0 } }, ['{"b":-0,"a":[1.0,null]}'], ['{"b":1e-400,"a":[1,null]}']],
  [{ enum: [1, '1', 1e300] }, ['1', '"1"', '1e300'], ['1e400', '1.00000000000000000001', 'true']],
  [
    { uniqueItems: true },
    ['[9007199254740992,9007199254740993]', '[1e400,1e500]', '[1,"1",[1],{"a":1}]'],
    ['[1,1.0]', '[1e400,10e399]', '[{"a":1e400,"b":1},{"b":1,"a":10e399}]', '[0,-0]'],
  ],
  [
    {
      properties: { price: { multipleOf: 0.05, minimum: 0 } },
      items: { $ref: '#/$defs/n' },
      $defs: { n: { maximum: 1 } },
    },
    ['{"price":4.35}', '[0.99999999999999999999]', '{"__proto__":1e400,"price":0.05}', '{"price":1e400,"price":0.05}'],
    ['{"price":4.3500000000000000000001}', '[1.00000000000000000001]', '{"price":-1e-400}'],
  ],
];

describe('A value schema', () => {
  for (const [schema, allowed, refused] of CASES) {
    it(`compares numbers digit by digit: ${JSON.stringify(schema)}`, () => {
      const mistakesOf = compileValueSchema(schema);
      for (const text of allowed) expect(mistakesOf(text), text).to.deep.equal([]);
      for (const text of refused) expect(mistakesOf(text), text).not.to.deep.equal([]);
    });
  }

  it('names the place, the keyword and the limit', () => {
    const [mistake] = compileValueSchema({ items: { multipleOf: 0.01 } })('[1, 0.123]');
    expect(mistake).to.deep.equal({
      path: '/1',
      message: 'must be multiple of 0.01',
      schema_path: '#/items/multipleOf',
    });
    expect(compileValueSchema({ maximum: 3 })('4')[0]?.message).to.equal('must be <= 3');
    expect(compileValueSchema({ enum: [3] })('4')[0]?.message).to.equal('must be equal to one of the allowed values');
  });

  it('checks numbers of a million digits', () => {
    const digits = '3'.repeat(1_000_000);
    expect(compileValueSchema({ multipleOf: 3, minimum: 1 })(`-${digits}`)).to.have.length(1);
    expect(compileValueSchema({ multipleOf: 3, minimum: 1 })(`${digits}e${digits}`)).to.deep.equal([]);
    expect(compileValueSchema({ multipleOf: 0.7 })(`0.${digits}`)).to.have.length(1);
  });
});
