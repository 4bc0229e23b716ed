import { expect } from 'chai';
import fc from 'fast-check';
import {
  newKeySchema,
  readGrace,
  readNewKey,
  rotationSchema,
} from '../../../../../src/interfaces/rest/api-keys/api-key.bodies.js';
import { readIncrement, readTouch, touchSchema } from '../../../../../src/interfaces/rest/entries/entry.bodies.js';
import { schemaBodyReader } from '../../../../../src/interfaces/rest/request/schema-body-reader.js';
import { readRestoreTarget, restoreSchema } from '../../../../../src/interfaces/rest/snapshots/snapshot.bodies.js';
import { mistakesOf, refusalOf } from './refusal.js';

const SCOPES = 'must be one of read, write, delete, list, watch, admin';

/** The members that a body is refused for by its schema; rules beyond it come later and bring no `errors`. */
function pathsOf(read: (body: Buffer) => unknown, body: string): string[] {
  const { errors = [] } = (refusalOf(read, body)?.details ?? {}) as { errors?: { path: string }[] };
  return [...new Set(errors.map(({ path }) => path))];
}

describe('Bodies that are classes', () => {
  it('are read with their defaults, and an empty one if it may be left out', () => {
    const { name, scopes, prefix, expiresIn } = readNewKey(
      Buffer.from('{"name":"é","scopes":["read","list"],"prefix":"a/","expires_in":0.0101}'),
    );
    expect({ name, scopes, prefix, expiresIn }).to.deep.equal({
      name: 'é',
      scopes: ['read', 'list'],
      prefix: 'a/',
      expiresIn: 11,
    });
    expect(readTouch(Buffer.from('{"ttl":null}'))).to.equal('never');
    expect(readTouch(Buffer.from('{"ttl":1.5}'))).to.deep.equal({ ttl: 1500 });
    for (const body of ['', '{}']) {
      expect(readGrace(Buffer.from(body))).to.equal(0);
      expect(readIncrement(Buffer.from(body)).by).to.equal(1n);
      expect(readRestoreTarget(Buffer.from(body))).to.equal(undefined);
    }
    expect(readGrace(Buffer.from('{"grace":3600}'))).to.equal(3_600_000);
    expect(readRestoreTarget(Buffer.from('{"into":"other"}'))).to.equal('other');
  });

  it('keep an integer digit for digit, whatever its size', () => {
    const digits = '9'.repeat(100_000);
    expect(readIncrement(Buffer.from(`{"by":-${digits.slice(1)}}`)).by).to.equal(BigInt(`-${digits.slice(1)}`));
    expect(readIncrement(Buffer.from('{"by": 9007199254740993 }')).by).to.equal(9007199254740993n);
    expect(readIncrement(Buffer.from('{"by":1,"by":2,"b\\u0079":3}')).by).to.equal(3n);
    for (const by of ['1.0', '1e3', '"1"', 'null', '{"constructor":1}', '[1]', `${digits}9`]) {
      const refusal = refusalOf(readIncrement, `{"by":${by}}`);
      expect(refusal, by.slice(0, 20)).to.deep.include({ code: 'invalid', details: { path: 'by' } });
    }
  });

  it('are refused with every mistake: what is missing, what is unknown, then what is wrong', () => {
    expect(refusalOf(readNewKey, '{"scopes":["read",5,"fly"],"x":1,"expires_in":0}')).to.deep.equal({
      code: 'invalid',
      message:
        `name: is missing; x: unknown member; scopes[1]: ${SCOPES}; scopes[2]: ${SCOPES}; ` +
        'expires_in: must be > 0, not 0',
      details: {
        path: 'name',
        errors: [
          { path: 'name', message: 'is missing' },
          { path: 'x', message: 'unknown member' },
          { path: 'scopes[1]', message: SCOPES },
          { path: 'scopes[2]', message: SCOPES },
          { path: 'expires_in', message: 'must be > 0, not 0' },
        ],
      },
    });
  });

  it('are refused for a member that is null although it may be left out', () => {
    expect(mistakesOf(readGrace, '{"grace":null}')).to.deep.equal(['grace: must be number, not null']);
    expect(mistakesOf(readRestoreTarget, '{"into":null}')).to.deep.equal(['into: must be string, not null']);
    expect(mistakesOf(readTouch, '{}')).to.deep.equal(['ttl: is missing']);
  });

  it('are refused if they are no object', () => {
    expect(mistakesOf(readTouch, '[]')).to.deep.equal(['body: must be object']);
    expect(mistakesOf(readTouch, 'null')).to.deep.equal(['body: must be object, not null']);
    expect(mistakesOf(readTouch, '5')).to.deep.equal(['body: must be object, not 5']);
  });

  it('are refused for members with names that objects have, of which class-transformer would say nothing', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'then', 'hasOwnProperty', '__defineGetter__']) {
      for (const value of ['{"ttl":5}', '1', 'null']) {
        expect(mistakesOf(readTouch, `{"ttl":5,"${name}":${value}}`)).to.deep.equal([`${name}: unknown member`]);
      }
    }
    expect(mistakesOf(readTouch, '{"__proto__":{"ttl":5}}')).to.deep.equal([
      'ttl: is missing',
      '__proto__: unknown member',
    ]);
    expect(({} as { ttl?: unknown }).ttl).to.equal(undefined);
  });

  it('are refused for objects in members, which class-transformer would call by their constructor', () => {
    for (const evil of ['{"constructor":1}', '{"constructor":{"prototype":[]}}', '{"then":1}', '{"__proto__":[]}']) {
      expect(mistakesOf(readTouch, `{"ttl":${evil}}`)).to.deep.equal(['ttl: must be number,null']);
      expect(mistakesOf(readNewKey, `{"name":${evil},"scopes":["read",${evil},[${evil}]]}`)).to.deep.equal([
        'name: must be string',
        `scopes[1]: ${SCOPES}`,
        `scopes[2]: ${SCOPES}`,
      ]);
    }
  });

  it('count characters as JSON Schema does, not characters with variation selectors', () => {
    const body = (name: string) => JSON.stringify({ name, scopes: ['read'] });
    expect(mistakesOf(readNewKey, body('\u{1f600}'.repeat(100)))).to.deep.equal([]);
    expect(mistakesOf(readNewKey, body('\u{1f600}'.repeat(101)))[0]).to.match(/^name: must NOT have more than 100/);
    expect(mistakesOf(readNewKey, body('a\ufe0f'.repeat(51)))[0]).to.match(/^name: must NOT have more than 100/);
    expect(mistakesOf(readNewKey, body(''))).to.deep.equal(['name: must NOT have fewer than 1 characters, not ""']);
  });

  it('name the first mistake only if they are large, and a hundred at most', () => {
    const wrong = (count: number) => `{"name":"n","scopes":[${Array(count).fill('1').join(',')}]`;
    expect(mistakesOf(readNewKey, `${wrong(500)}}`)).to.have.lengthOf(100);
    expect(mistakesOf(readNewKey, `${wrong(500)},"prefix":"${'x'.repeat(64 * 1024)}"}`)).to.deep.equal([
      `scopes[0]: ${SCOPES}`,
    ]);
    const names = Array.from({ length: 500 }, (_, i) => `"u${i}":1`).join(',');
    expect(mistakesOf(readTouch, `{"ttl":1,${names}}`)).to.have.lengthOf(100);
    expect(mistakesOf(readTouch, `{${names}${' '.repeat(64 * 1024)}}`)).to.deep.equal(['ttl: is missing']);
  });

  it('are refused if they have too many objects or are nested too deep', () => {
    const many = `{"ttl":[${Array(10_000).fill('{}').join(',')}]}`;
    expect(refusalOf(readTouch, many)).to.deep.equal({
      code: 'invalid',
      message: 'body: has more than 10000 objects',
      details: { path: 'body' },
    });
    const deep = (levels: number) => `{"ttl":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect(mistakesOf(readTouch, deep(63))).to.deep.equal(['ttl: must be number,null']);
    expect(mistakesOf(readTouch, deep(64)).join()).to.match(/nested deeper than 64 levels$/);
  });

  it('are refused exactly if their documented schema refuses them, for the same members in the same order', () => {
    const kinds = [
      { read: readNewKey, schema: newKeySchema, sound: { name: 'n', scopes: ['read'] } },
      { read: readGrace, schema: rotationSchema, sound: { grace: 5 } },
      { read: readTouch, schema: touchSchema, sound: { ttl: 5 } },
      { read: readRestoreTarget, schema: restoreSchema, sound: { into: 'p' } },
    ];
    const texts = fc.constantFrom('', 'read', 'admin', '\ufe0f', '\ud83d', 'a\ufe0f'.repeat(60), 'x'.repeat(513));
    const numbers = fc.constantFrom(0, -0, -1, 0.5, 1e9, 1e12, 2592000, 2592001, 316224000, 316224001);
    const scalars = fc.oneof(texts, numbers, fc.constantFrom(null, true, {}, { constructor: 1 }, { name: 'n' }));
    const values = fc.oneof({ weight: 3, arbitrary: scalars }, fc.array(scalars, { maxLength: 4 }));
    const names = ['name', 'scopes', 'prefix', 'expires_in', 'grace', 'ttl', 'into', '__proto__', 'constructor', 'x'];
    const members = fc.array(fc.tuple(fc.constantFrom(...names), values), { maxLength: 4 });
    for (const { read, schema, sound } of kinds) {
      const readBySchema = schemaBodyReader(schema, new Set());
      const check = (changes: [string, unknown][], kept: string[], filler: number): void => {
        const whole = [...Object.entries(sound).filter(([name]) => kept.includes(name)), ...changes];
        const body = `{${whole.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)}}`;
        const padded = body + ' '.repeat(filler);
        expect(pathsOf(read, padded), body).to.deep.equal(pathsOf(readBySchema, padded));
      };
      fc.assert(
        fc.property(members, fc.subarray(Object.keys(sound)), fc.constantFrom(0, 0, 0, 0, 0, 0, 64 * 1024), check),
        {
          numRuns: 200,
        },
      );
    }
  });
});
