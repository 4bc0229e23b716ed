import { isUtf8 } from 'node:buffer';
import { expect } from 'chai';
import fc from 'fast-check';
import { AppError } from '../../src/domain/errors.js';
import { isJson } from '../../src/domain/json/bytes.js';
import { mergePatch, patchOf } from '../../src/domain/json/merge-patch.js';
import { JsonText, outlineOf, readOutline } from '../../src/domain/json/outline.js';
import { MAX_JSON_DEPTH } from '../../src/domain/limits.js';
import { jsonBodyText, parseJsonBody } from '../../src/interfaces/rest/request/json-body.js';
import { mutated } from './generators/mutation.js';
import { checkProperty, seeded } from './harness/properties.js';

const TOKENS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\u',
  '\\u00',
  '\\"',
  '-',
  '0',
  '.',
  'e+',
  '1E9',
  ' ',
  '\t',
  '\n',
];
const MORE = [
  'true',
  'nul',
  'NaN',
  '{"a":1}',
  '"__proto__"',
  '\u0000',
  '\ufeff',
  '\u00a0',
  '[[[[',
  ']]]]',
  'é',
  '\u{1f600}',
];

/** JSON texts in several layouts. */
const texts: fc.Arbitrary<Buffer> = fc
  .tuple(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(undefined, 1, '\t', '\r\n '))
  .map(([value, space]) => Buffer.from(JSON.stringify(value, null, space)));
const damaged = mutated(texts, [...TOKENS, ...MORE]);

/** The result of `JSON.parse`; undefined if it fails. */
function parsed(bytes: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(bytes.toString()) };
  } catch {
    return undefined;
  }
}

describe(seeded('Parsers of JSON'), () => {
  it('accept exactly the JSON that JSON.parse accepts', () => {
    checkProperty(40_000, damaged, (bytes) => {
      if (!isUtf8(bytes)) return;
      expect(isJson(bytes, Number.POSITIVE_INFINITY)).to.equal(parsed(bytes) !== undefined);
    });
  });

  it('check every byte of a long string, at any alignment in memory', () => {
    const strings = fc.record({
      before: fc.integer({ min: 0, max: 7 }),
      length: fc.integer({ min: 50, max: 400 }),
      at: fc.integer({ min: 0, max: 400 }),
      odd: fc.integer({ min: 0, max: 0x7f }),
    });
    checkProperty(20_000, strings, ({ before, length, at, odd }) => {
      const bytes = Buffer.alloc(before + length + 2, 'é~');
      bytes[before] = bytes[bytes.length - 1] = 0x22;
      bytes[before + 1 + Math.min(at, length - 1)] = odd;
      const string = bytes.subarray(before);
      expect(isJson(string)).to.equal(parsed(Buffer.from(string.toString('latin1'))) !== undefined);
    });
  });

  it('count the depth', () => {
    checkProperty(
      2000,
      fc.tuple(fc.array(fc.constantFrom('[', '{"a":'), { maxLength: 80 }), fc.nat(80)),
      ([opening, limit]) => {
        const closing = opening.map((one) => (one === '[' ? ']' : '}')).reverse();
        const bytes = Buffer.from(`${opening.join('')}1${closing.join('')}`);
        expect(isJson(bytes, limit)).to.equal(opening.length <= limit);
      },
    );
  });

  it('take values out of their members and put them back as they were written', () => {
    checkProperty(20_000, damaged, (bytes) => {
      const found = parsed(bytes);
      if (found === undefined) return;
      const names = new Set(namesIn(found.value).filter((name) => /[^0-9]/.test(name)));
      const outline = outlineOf(bytes.toString(), names);
      for (const { text } of outline.values) expect(text).to.equal(text.trim());
      expect(unwrapped(readOutline(outline, names))).to.deep.equal(found.value);
      expect(outline.objects).to.be.at.least(objectsIn(JSON.parse(outline.text)));
    });
  });

  it('merge as RFC 7396 does', () => {
    const near = texts.chain((text) =>
      fc.tuple(
        mutated(fc.constant(text), [...TOKENS, 'null,', '"a":null,', '"a":{"b":1},', '"a":{"c":[]},']),
        fc.constant(text),
      ),
    );
    checkProperty(20_000, fc.oneof(near, fc.tuple(texts, texts)), ([target, patch]) => {
      const [before, change] = [parsed(target), parsed(patch)];
      if (before === undefined || change === undefined) return;
      for (const [from, by, wanted] of [
        [target, patch, merged(before.value, change.value)],
        [patch, target, merged(change.value, before.value)],
      ] as const) {
        expect(JSON.parse(mergePatch(from.toString(), patchOf(by.toString())))).to.deep.equal(wanted);
      }
    });
  });

  it('refuse a JSON body exactly if it is no JSON in UTF-8 of at most the depth', () => {
    const verbatim = new Set(['a', 'b']);
    checkProperty(20_000, fc.tuple(damaged, fc.boolean()), ([bytes, keeps]) => {
      const sound = isUtf8(bytes) && isJson(bytes, MAX_JSON_DEPTH);
      let read: unknown;
      try {
        read = keeps ? readOutline(outlineOf(jsonBodyText(bytes, 4), verbatim), verbatim) : parseJsonBody(bytes);
      } catch (error) {
        expect(error).to.be.instanceOf(AppError).with.property('code', 'invalid');
        expect(sound).to.equal(false);
        return;
      }
      expect(sound).to.equal(true);
      expect(unwrapped(read)).to.deep.equal(JSON.parse(bytes.toString()));
    });
  });
});

/** RFC 7396, section 2, on values. */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const isObject = typeof target === 'object' && target !== null && !Array.isArray(target);
  const result = new Map<string, unknown>(isObject ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else result.set(name, merged(result.get(name), value));
  }
  return Object.fromEntries(result);
}

/** The names of all members, at any level. */
function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.values(value).flatMap(namesIn);
  return Array.isArray(value) ? below : [...Object.keys(value), ...below];
}

function objectsIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, part) => sum + objectsIn(part), Array.isArray(value) ? 0 : 1);
}

function unwrapped(value: unknown): unknown {
  if (value instanceof JsonText) return JSON.parse(value.text);
  if (Array.isArray(value)) return value.map(unwrapped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, unwrapped(member)]));
}
