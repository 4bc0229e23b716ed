import fc from 'fast-check';
import { AWKWARD_KEYS } from '../../contract/store-fixture.js';
import type { KeptEntry } from '../round-trip/kept-entry.js';
import { keys, LATER, metas, types, values } from './format-entries.js';

const MORE_VALUES = ['1e5', '12345678901234567890', '-98765432109876543210', '0', '{"10":1,"2":2,"a":{}}', '{}'].map(
  (text) => Buffer.from(text),
);
const MORE_TYPES = ['application/vnd.api+json; charset=utf-8', 'text/html', 'image/svg+xml', 'text/x; a="b c"', 'x'];

const MORE_METAS = ['{"b":1.0,"10":12345678901234567890,"2":{},"a":1,"a":2}', '{"__proto__":{"x":1e400}}', '{}'];

const anyKey = fc.oneof(
  fc.constantFrom(...AWKWARD_KEYS),
  keys,
  fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }).filter((key) => key.isWellFormed() && fits(key)),
);
const anyValue = fc.oneof(
  values,
  fc.constantFrom(...MORE_VALUES),
  fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map((integer) => Buffer.from(String(integer))),
  fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })).map((object) => Buffer.from(JSON.stringify(object))),
);
const anyType = fc.oneof(
  types,
  fc.constantFrom(...MORE_TYPES, 't'.repeat(1024)),
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 30 }).filter((type) => type.trim() === type),
);

const anyJson = fc.oneof(
  fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })),
  fc.jsonValue({ maxDepth: 2 }),
  fc.integer(),
);
/** JSON that says so is what most ways take, and what few of the entries with any value and any type are. */
const jsonContent = fc.record({
  value: anyJson.map((value) => Buffer.from(JSON.stringify(value))),
  contentType: fc.constantFrom('application/json', 'application/vnd.api+json; charset=utf-8'),
});
const anyContent = fc.record({ value: anyValue, contentType: anyType });
const more = fc.record<Omit<KeptEntry, 'value' | 'contentType'>>(
  {
    key: anyKey,
    expiresAt: fc.integer({ min: LATER, max: 2 * LATER }),
    meta: fc.oneof(metas, fc.constantFrom(...MORE_METAS)),
  },
  { requiredKeys: ['key'] },
);

/** An entry of any kind that a project may store. */
export const anyEntry: fc.Arbitrary<KeptEntry> = fc
  .tuple(more, fc.oneof({ arbitrary: anyContent, weight: 3 }, jsonContent))
  .map(([entry, content]) => ({ ...entry, ...content }));

/** Entries of which every way takes at least one. */
export const PLAIN_ENTRIES: readonly KeptEntry[] = ['{"a":1}', '7', 'text'].map((text) => ({
  key: `plain_${text.length}`,
  value: Buffer.from(text),
  contentType: text === 'text' ? 'text/plain' : 'application/json',
}));

function fits(key: string): boolean {
  return Buffer.byteLength(key) <= 512;
}
