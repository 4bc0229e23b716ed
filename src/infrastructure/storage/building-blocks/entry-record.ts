import { crc32 } from 'node:zlib';
import type { Entry, EntryHead } from '../../../domain/entry.js';
import { AppError } from '../../../domain/errors.js';
import type { EntryHeader } from './write-group.js';

/**
 * One entry as bytes. All numbers are little-endian, times and versions are float64:
 *
 *     u8 format = 1 · u8 flags · u16 length of the content type · version · createdAt
 *     · updatedAt, unless it equals createdAt · expiresAt, if it expires · content type · value · u32 CRC-32
 *
 * The checksum covers the key, which is stored outside of the record, and then all bytes before it.
 */
const FORMAT = 1;
const UPDATED = 1;
const EXPIRES = 2;
const FIXED_BYTES = 20;
const CHECKSUM_BYTES = 4;
/** The CRC-32 of any bytes that are followed by their own CRC-32, little-endian. */
const INTACT = 0x2144df1c;

/** The record of an entry. The key is only in its checksum. */
export function encodeRecord(entry: Entry): Buffer {
  const { key, value, contentType, version, createdAt, updatedAt, expiresAt } = entry;
  const flags = (updatedAt === createdAt ? 0 : UPDATED) | (expiresAt === undefined ? 0 : EXPIRES);
  const typeBytes = Buffer.byteLength(contentType);
  const typeAt = typePosition(flags);
  const record = Buffer.allocUnsafe(typeAt + typeBytes + value.length + CHECKSUM_BYTES);
  record[0] = FORMAT;
  record[1] = flags;
  record.writeUInt16LE(typeBytes, 2);
  record.writeDoubleLE(version, 4);
  record.writeDoubleLE(createdAt, 12);
  if (flags & UPDATED) record.writeDoubleLE(updatedAt, FIXED_BYTES);
  if (expiresAt !== undefined) record.writeDoubleLE(expiresAt, typeAt - 8);
  record.write(contentType, typeAt, 'utf8');
  record.set(value, typeAt + typeBytes);
  const end = record.length - CHECKSUM_BYTES;
  record.writeUInt32LE(checksum(key, record.subarray(0, end)), end);
  return record;
}

/** The entry in a record; its value is a view on `record`. Throws `unavailable` if the checksum is wrong. */
export function decodeRecord(key: string, record: Buffer): Entry {
  verifyChecksum(key, record);
  const { sizeBytes, contentType, version, createdAt, updatedAt, expiresAt } = decodeHead(key, record);
  const end = record.length - CHECKSUM_BYTES;
  const value = record.subarray(end - sizeBytes, end);
  if (expiresAt === undefined) return { key, value, contentType, version, createdAt, updatedAt };
  return { key, value, contentType, version, createdAt, updatedAt, expiresAt };
}

/** The entry in a record without its value, and without a look at the checksum. */
export function decodeHead(key: string, record: Buffer): EntryHead {
  const flags = record.readUInt8(1);
  const typeAt = typePosition(flags);
  const valueAt = typeAt + record.readUInt16LE(2);
  const sizeBytes = record.length - CHECKSUM_BYTES - valueAt;
  if (record[0] !== FORMAT || sizeBytes < 0) throw damaged('has no known format');
  const createdAt = record.readDoubleLE(12);
  const head = {
    key,
    sizeBytes,
    contentType: record.toString('utf8', typeAt, valueAt),
    version: record.readDoubleLE(4),
    createdAt,
    updatedAt: flags & UPDATED ? record.readDoubleLE(FIXED_BYTES) : createdAt,
  };
  return flags & EXPIRES ? { ...head, expiresAt: record.readDoubleLE(typeAt - 8) } : head;
}

/** The header of a record. Throws `unavailable` if the checksum is wrong. */
export function verifyRecord(key: string | Uint8Array, record: Buffer): EntryHeader {
  verifyChecksum(key, record);
  return readHeader(key, record);
}

/** The header of a record, without a look at its checksum. */
export function readHeader(key: string | Uint8Array, record: Buffer): EntryHeader {
  const flags = record.readUInt8(1);
  const typeAt = typePosition(flags);
  const valueAt = typeAt + record.readUInt16LE(2);
  if (record[0] !== FORMAT || record.length < valueAt + CHECKSUM_BYTES) throw damaged('has no known format');
  return {
    version: record.readDoubleLE(4),
    bytes: Buffer.byteLength(key) + record.length - CHECKSUM_BYTES - valueAt,
    expiresAt: flags & EXPIRES ? record.readDoubleLE(typeAt - 8) : undefined,
  };
}

function verifyChecksum(key: string | Uint8Array, record: Buffer): void {
  const end = record.length - CHECKSUM_BYTES;
  if (record[0] !== FORMAT || end < FIXED_BYTES) throw damaged('has no known format');
  if (checksum(key, record) !== INTACT) throw damaged('has a wrong checksum');
}

function typePosition(flags: number): number {
  return FIXED_BYTES + (flags & UPDATED ? 8 : 0) + (flags & EXPIRES ? 8 : 0);
}

function checksum(key: string | Uint8Array, bytes: Uint8Array): number {
  return crc32(bytes, crc32(key));
}

function damaged(why: string): AppError {
  return new AppError('unavailable', `a stored record ${why}`);
}
