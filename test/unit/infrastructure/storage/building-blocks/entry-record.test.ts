import { expect } from 'chai';
import fc from 'fast-check';
import type { Entry } from '../../../../../src/domain/entry.js';
import { entryBytes } from '../../../../../src/domain/entry.js';
import { AppError } from '../../../../../src/domain/errors.js';
import {
  decodeRecord,
  encodeRecord,
  readHeader,
} from '../../../../../src/infrastructure/storage/building-blocks/entry-record.js';

const time = fc.double({ min: 0, max: 253_402_300_799_999, noNaN: true });
const entries: fc.Arbitrary<Entry> = fc.record(
  {
    key: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
    value: fc.uint8Array({ maxLength: 300 }),
    contentType: fc.string({ maxLength: 80 }),
    version: fc.maxSafeNat(),
    createdAt: time,
    updatedAt: time,
    expiresAt: time,
    meta: fc.json({ maxDepth: 1 }).map((json) => `{"a":${json}}`),
  },
  { requiredKeys: ['key', 'value', 'contentType', 'version', 'createdAt', 'updatedAt'] },
);

describe('a record', () => {
  it('decodes to the entry that it was made of', () => {
    fc.assert(
      fc.property(entries, (entry) => {
        const record = encodeRecord(entry);
        const decoded = decodeRecord(entry.key, record);
        expect({ ...decoded, value: Uint8Array.from(decoded.value) }).to.deep.equal({ ...entry });
        const { version, expiresAt } = entry;
        expect(readHeader(entry.key, record)).to.deep.equal({
          version,
          expiresAt,
          bytes: entryBytes(entry),
        });
      }),
    );
  });

  it('is refused with any one byte changed, cut off, or under another key', () => {
    fc.assert(
      fc.property(entries, fc.nat(), fc.integer({ min: 1, max: 255 }), (entry, position, change) => {
        const record = encodeRecord(entry);
        const at = position % record.length;
        const changed = Buffer.from(record);
        changed[at] = (changed[at] ?? 0) ^ change;
        for (const bad of [changed, record.subarray(0, at), Buffer.concat([record, Buffer.of(change)])]) {
          expect(() => decodeRecord(entry.key, bad)).to.throw(AppError, /stored record/);
        }
        expect(() => decodeRecord(`${entry.key}x`, record)).to.throw(AppError, /checksum/);
      }),
    );
  });

  it('holds its value without a copy', () => {
    const record = encodeRecord({
      key: 'k',
      value: Buffer.from('abc'),
      contentType: '',
      version: 1,
      createdAt: 1,
      updatedAt: 1,
    });
    expect(decodeRecord('k', record).value.buffer).to.equal(record.buffer);
  });
});
