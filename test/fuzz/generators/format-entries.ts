import fc from 'fast-check';
import type { ExportedEntry } from '../../../src/domain/export/export-line.js';
import { entryMeta } from '../../../src/domain/json/entry-meta.js';
import { DEFAULT_TYPES } from '../../../src/domain/value.js';

const AWKWARD_KEYS = [
  '__proto__',
  '$portkv',
  'key',
  '10',
  '2',
  '"',
  'a\r\nb',
  '\u0000',
  '=1+1',
  ' a ',
  '\ufeffx',
  'a,b',
  '\t',
];
const AWKWARD_VALUES = [
  ...[
    '',
    '"',
    '""',
    '"q"',
    '"123"',
    '123',
    'q',
    'null',
    'NaN',
    '[NaN]',
    '-0',
    '1e400',
    '1.0',
    '1.10',
    'true',
    'a,"b"\r\nc',
  ],
  ...['{"$portkv":1}', '{"$portkv": {"text":"x"}}', ' {"a": 1} ', '{"a":\n1}', '{"a":1,"a":2}', '"\\ud800"', '\ufeff1'],
  ...['106242075399214372653.10', '[[1 , 2],{}]', '\r\n', '\n', '\t', ' ', '{"value":1,"expires":1}', '#', '\\'],
  ...[`${'['.repeat(64)}${']'.repeat(64)}`, `${'['.repeat(65)}${']'.repeat(65)}`, '\u2028', '{"value":{"value":NaN}}'],
];
export const LATER = 4_102_444_800_000;

export const keys = fc.oneof(
  fc.constantFrom(...AWKWARD_KEYS),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).map((key) => key.toWellFormed()),
);
export const values = fc.oneof(
  fc.constantFrom(...AWKWARD_VALUES).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => Buffer.from(text)),
  fc.jsonValue({ maxDepth: 3 }).map((value) => Buffer.from(JSON.stringify(value, null, 1))),
  fc.json({ maxDepth: 2 }).map((text) => Buffer.from(text)),
);

export const metas = fc
  .dictionary(fc.string({ unit: 'grapheme', maxLength: 5 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 })
  .map((meta) => entryMeta(JSON.stringify(meta), 'meta'));

export const types = fc.constantFrom(...Object.values(DEFAULT_TYPES), 'text/plain', 'a/"b\\c,d', 'image/png', 'ž/ů');

/** Entries with any key, value and type, some of which expire; each key once. */
export const formatEntries: fc.Arbitrary<ExportedEntry[]> = fc.uniqueArray(
  fc.record<ExportedEntry>(
    {
      key: keys,
      value: values,
      contentType: types,
      createdAt: fc.integer({ min: 0, max: LATER }),
      updatedAt: fc.integer({ min: 0, max: LATER }),
      expiresAt: fc.integer({ min: LATER, max: 2 * LATER }),
      meta: metas,
    },
    { requiredKeys: ['key', 'value', 'contentType', 'createdAt', 'updatedAt'] },
  ),
  { selector: ({ key }) => key, maxLength: 20 },
);
