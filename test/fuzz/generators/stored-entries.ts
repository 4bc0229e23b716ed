import fc from 'fast-check';
import type { Entry } from '../../../src/domain/entry.js';

const time = fc.integer({ min: 0, max: 253_402_300_799_999 });
const values = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => Buffer.from(text)),
  fc.jsonValue({ maxDepth: 2 }).map((value) => Buffer.from(JSON.stringify(value, null, 1))),
);
const metas = fc
  .dictionary(fc.string({ unit: 'grapheme', maxLength: 5 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 })
  .map((meta) => JSON.stringify(meta));
/** Entries of all kinds. */
export const entries = fc.record<Entry>(
  {
    key: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    value: values,
    contentType: fc.constantFrom('text/plain', 'application/json', 'a/"b\\c', ''),
    version: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    createdAt: time,
    updatedAt: time,
    expiresAt: time,
    meta: metas,
  },
  { requiredKeys: ['key', 'value', 'contentType', 'version', 'createdAt', 'updatedAt'] },
);
