import { crc32 } from 'node:zlib';
import { type Entry, type EntryHead, entryOf } from '../../../domain/entry.js';
import { AppError } from '../../../domain/errors.js';
import type { EntryHeader } from './write-group.js';

/**
 * One entry as bytes. All numbers are little-endian, times and versions are float64:
 *
 *     u8 format · u8 flags · u16 length of the content type · version · createdAt
 *     · u16 length of the metadata, if it has any · updatedAt, unless it equals createdAt · expiresAt, if it expires
 *     · content type · metadata · value · u32 CRC-32
 *
 * The checksum covers the key, which is stored outside of the record, and then all bytes before it. Records with
 * metadata have a format of their own, so that a PortKV that knows none refuses them.
 */
const PLAIN_FORMAT = 1;
const META_FORMAT = 2;
const UPDATED = 1;
const EXPIRES = 2;
const META = 4;
const FIXED_BYTES = 20;
const META_LENGTH_BYTES = 2;
const CHECKSUM_BYTES = 4;
/** The CRC-32 of any bytes that are followed by their own CRC-32, little-endian. */
const INTACT = 0x2144df1c;

/** The record of an entry. The key is only in its checksum. */
export function encodeRecord(entry: Entry): Buffer {
  const record = Buffer.allocUnsafe(recordBytes(entry));
  const end = writeContent(record, 0, entry);
  record.writeUInt32LE(checksum(entry.key, record.subarray(0, end)), end);
  return record;
}

/** How many bytes the record of an entry has. */
export function recordBytes(entry: Entry): number {
  const { contentType, meta, value } = entry;
  const metaBytes = meta === undefined ? 0 : Buffer.byteLength(meta);
  return typePosition(flagsOf(entry)) + Buffer.byteLength(contentType) + metaBytes + value.length + CHECKSUM_BYTES;
}

/** Writes the record of an entry after its key, which stands at `keyAt`. */
export function writeRecord(target: Buffer, keyAt: number, at: number, entry: Entry): void {
  const end = writeContent(target, at, entry);
  target.writeUInt32LE(crc32(target.subarray(keyAt, end)), end);
}

/** Writes all but the checksum, and returns the position of that. */
function writeContent(target: Buffer, at: number, entry: Entry): number {
  const { value, contentType, version, createdAt, updatedAt, expiresAt, meta } = entry;
  const flags = flagsOf(entry);
  const typeAt = at + typePosition(flags);
  const typeBytes = target.write(contentType, typeAt, 'utf8');
  target[at] = formatOf(flags);
  target[at + 1] = flags;
  target.writeUInt16LE(typeBytes, at + 2);
  target.writeDoubleLE(version, at + 4);
  target.writeDoubleLE(createdAt, at + 12);
  if (flags & UPDATED) target.writeDoubleLE(updatedAt, at + updatePosition(flags));
  if (expiresAt !== undefined) target.writeDoubleLE(expiresAt, typeAt - 8);
  let valueAt = typeAt + typeBytes;
  if (meta !== undefined) {
    const metaBytes = target.write(meta, valueAt, 'utf8');
    target.writeUInt16LE(metaBytes, at + FIXED_BYTES);
    valueAt += metaBytes;
  }
  target.set(value, valueAt);
  return valueAt + value.length;
}

/** The entry in a record; its value is a view on `record`. Throws `unavailable` if the checksum is wrong. */
export function decodeRecord(key: string, record: Buffer): Entry {
  verifyChecksum(key, record);
  const { sizeBytes, contentType, version, createdAt, updatedAt, expiresAt, meta } = decodeHead(key, record);
  const end = record.length - CHECKSUM_BYTES;
  const value = record.subarray(end - sizeBytes, end);
  return entryOf({ key, value, contentType, version, createdAt, updatedAt, expiresAt, meta });
}

/** The entry in a record without its value, and without a look at the checksum. */
export function decodeHead(key: string, record: Buffer): EntryHead {
  const flags = record.readUInt8(1);
  const typeAt = typePosition(flags);
  if (record[0] !== formatOf(flags)) throw damaged('has no known format');
  const metaAt = metaPosition(flags, record);
  const valueAt = metaAt + metaLength(flags, record);
  const createdAt = record.readDoubleLE(12);
  // Assigned one by one: to spread the others would take 20 times the time.
  const head: { -readonly [Name in keyof EntryHead]: EntryHead[Name] } = {
    key,
    sizeBytes: record.length - CHECKSUM_BYTES - valueAt,
    contentType: record.toString('utf8', typeAt, metaAt),
    version: record.readDoubleLE(4),
    createdAt,
    updatedAt: flags & UPDATED ? record.readDoubleLE(updatePosition(flags)) : createdAt,
  };
  if (flags & EXPIRES) head.expiresAt = record.readDoubleLE(typeAt - 8);
  if (flags & META) head.meta = record.toString('utf8', metaAt, valueAt);
  return head;
}

/** The header of a record. Throws `unavailable` if the checksum is wrong. */
export function verifyRecord(key: string | Uint8Array, record: Buffer): EntryHeader {
  verifyChecksum(key, record);
  return readHeader(key, record);
}

/** The header of a record, without a look at its checksum. */
export function readHeader(key: string | Uint8Array, record: Buffer): EntryHeader {
  const flags = record.readUInt8(1);
  if (record[0] !== formatOf(flags)) throw damaged('has no known format');
  return {
    version: record.readDoubleLE(4),
    bytes: Buffer.byteLength(key) + record.length - CHECKSUM_BYTES - metaPosition(flags, record),
    expiresAt: flags & EXPIRES ? record.readDoubleLE(typePosition(flags) - 8) : undefined,
  };
}

function verifyChecksum(key: string | Uint8Array, record: Buffer): void {
  const end = record.length - CHECKSUM_BYTES;
  if (end < FIXED_BYTES || record[0] !== formatOf(record.readUInt8(1))) throw damaged('has no known format');
  if (checksum(key, record) !== INTACT) throw damaged('has a wrong checksum');
}

function flagsOf({ createdAt, updatedAt, expiresAt, meta }: Entry): number {
  const updated = updatedAt === createdAt ? 0 : UPDATED;
  return updated | (expiresAt === undefined ? 0 : EXPIRES) | (meta === undefined ? 0 : META);
}

function formatOf(flags: number): number {
  return flags & META ? META_FORMAT : PLAIN_FORMAT;
}

function updatePosition(flags: number): number {
  return FIXED_BYTES + (flags & META ? META_LENGTH_BYTES : 0);
}

function typePosition(flags: number): number {
  return updatePosition(flags) + (flags & UPDATED ? 8 : 0) + (flags & EXPIRES ? 8 : 0);
}

/** Where the metadata begins, or the value if there is none. Throws if not both are within the record. */
function metaPosition(flags: number, record: Buffer): number {
  const metaAt = typePosition(flags) + record.readUInt16LE(2);
  if (record.length >= metaAt + metaLength(flags, record) + CHECKSUM_BYTES) return metaAt;
  throw damaged('has no known format');
}

function metaLength(flags: number, record: Buffer): number {
  return flags & META ? record.readUInt16LE(FIXED_BYTES) : 0;
}

function checksum(key: string | Uint8Array, bytes: Uint8Array): number {
  return crc32(bytes, crc32(key));
}

function damaged(why: string): AppError {
  return new AppError('unavailable', `a stored record ${why}`);
}
