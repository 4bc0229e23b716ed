import { expect } from 'chai';
import { JsonText } from '../../../../../src/domain/json/outline.js';
import { schemaBodyReader } from '../../../../../src/interfaces/rest/request/schema-body-reader.js';
import { mistakesOf, refusalOf } from './refusal.js';

const item = {
  type: 'object',
  properties: { id: { type: 'string' }, kind: { enum: ['a', 'b'] }, json: {} },
  required: ['id'],
  additionalProperties: false,
};
const read = schemaBodyReader<{ items: { id: string; json?: JsonText }[] }>(
  { type: 'object', properties: { items: { type: 'array', items: item } }, required: ['items'] },
  new Set(['json']),
);

describe('Bodies that are checked by a schema', () => {
  it('keep members that stay text as they were written', () => {
    const { items } = read(Buffer.from('{"items":[{"id":"1","json": {"a": 1.0, "a":10000000000000000000000} }]}'));
    expect(items[0]?.json).to.be.instanceOf(JsonText);
    expect(items[0]?.json?.text).to.equal('{"a": 1.0, "a":10000000000000000000000}');
  });

  it('keep them also if their names are written with escapes, and take such names in a text for what they are', () => {
    for (const name of ['json', 'js\\u006fn', '\\u006a\\u0073\\u006f\\u006e']) {
      expect(read(Buffer.from(`{"items":[{"id":"1","${name}":1.0}]}`)).items[0]?.json?.text, name).to.equal('1.0');
    }
    for (const id of ['json', '\\"json\\":1', 'a \\\\u0041', '{{{', '\\n']) {
      expect(read(Buffer.from(`{"items":[{"id":"${id}"}]}`)).items, id).to.deep.equal([{ id: JSON.parse(`"${id}"`) }]);
    }
  });

  it('are refused with the path of every mistake', () => {
    expect(refusalOf(read, '{"items":[{"id":1},{"x":2},{"id":"","kind":"c"}]}')).to.deep.equal({
      code: 'invalid',
      message:
        'items[0].id: must be string, not 1; items[1].id: is missing; ' +
        'items[1].x: unknown member (known here: id, kind, json); items[2].kind: must be one of a, b',
      details: {
        path: 'items[0].id',
        errors: [
          { path: 'items[0].id', message: 'must be string, not 1' },
          { path: 'items[1].id', message: 'is missing' },
          { path: 'items[1].x', message: 'unknown member (known here: id, kind, json)' },
          { path: 'items[2].kind', message: 'must be one of a, b' },
        ],
      },
    });
    expect(mistakesOf(read, '5')).to.deep.equal(['body: must be object, not 5']);
  });

  it('are refused for members named __proto__ and constructor', () => {
    for (const name of ['__proto__', 'constructor']) {
      expect(mistakesOf(read, `{"items":[{"id":"1","${name}":{"id":"2"}}]}`)).to.deep.equal([
        `items[0].${name}: unknown member (known here: id, kind, json)`,
      ]);
    }
  });

  it('name the first mistake only if they are large, and a hundred at most', () => {
    const wrong = `{"items":[${Array(500).fill('5').join(',')}]}`;
    expect(mistakesOf(read, wrong)).to.have.lengthOf(100);
    expect(mistakesOf(read, wrong + ' '.repeat(64 * 1024))).to.deep.equal(['items[0]: must be object, not 5']);
  });

  it('may have as many objects as they like in members that stay text, and only there', () => {
    const many = `[${Array(10_001).fill('{}').join(',')}]`;
    expect(mistakesOf(read, `{"items":[{"id":"1","json":${many}}]}`)).to.deep.equal([]);
    expect(mistakesOf(read, `{"items":${many}}`)).to.deep.equal(['body: has more than 10000 objects']);
  });

  it('may have values as deep as others in members that stay text', () => {
    const value = (levels: number) => `{"items":[{"id":"1","json":${'['.repeat(levels)}${']'.repeat(levels)}}]}`;
    expect(mistakesOf(read, value(64))).to.deep.equal([]);
    expect(mistakesOf(read, value(66)).join()).to.match(/nested deeper than 68 levels$/);
  });
});
