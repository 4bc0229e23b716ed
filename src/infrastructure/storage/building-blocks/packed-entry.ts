import { type Entry, type EntryHead, entryOf } from '../../../domain/entry.js';
import type { EntryHeader } from './write-group.js';

/**
 * Values up to this size are kept as strings of one byte per character, which take 200 bytes less than a Uint8Array.
 */
const SMALL_BYTES = 1024;
/** A slice of at least this share of its buffer is kept as it is: a copy would cost more than it saves. */
const MOST_OF_BUFFER = 0.9;

/** An entry as it is kept in memory, under its key. */
export interface PackedEntry {
  readonly value: string | Uint8Array;
  readonly contentType: string;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt: number | undefined;
  /** Missing from most: a member that is undefined takes memory, too. */
  readonly meta?: string;
}

/** `contentType` is the entry's, as a string that other entries may share. */
export function packEntry(entry: Entry, contentType = entry.contentType): PackedEntry {
  const { value, version, createdAt, updatedAt, expiresAt, meta } = entry;
  const packed = packValue(value);
  if (meta === undefined) return { value: packed, contentType, version, createdAt, updatedAt, expiresAt };
  return { value: packed, contentType, version, createdAt, updatedAt, expiresAt, meta };
}

export function unpackEntry(key: string, packed: PackedEntry): Entry {
  const { contentType, version, createdAt, updatedAt, expiresAt, meta } = packed;
  const value = typeof packed.value === 'string' ? Buffer.from(packed.value, 'latin1') : packed.value;
  return entryOf({ key, value, contentType, version, createdAt, updatedAt, expiresAt, meta });
}

/** The entry without its value, which stays packed. */
export function unpackHead(key: string, packed: PackedEntry): EntryHead {
  const { contentType, version, createdAt, updatedAt, expiresAt, meta } = packed;
  const plain = { key, sizeBytes: packed.value.length, contentType, version, createdAt, updatedAt };
  const head = expiresAt === undefined ? plain : { ...plain, expiresAt };
  return meta === undefined ? head : { ...head, meta };
}

export function headerOf(key: string, packed: PackedEntry): EntryHeader {
  const { version, expiresAt } = packed;
  return { version, bytes: Buffer.byteLength(key) + packedBytes(packed), expiresAt };
}

/** The length of the value and of the metadata. */
export function packedBytes({ value, meta }: PackedEntry): number {
  return meta === undefined ? value.length : value.length + Buffer.byteLength(meta);
}

/** A large value is kept as it is, unless it is a slice that would keep a much larger buffer alive. */
function packValue(value: Uint8Array): string | Uint8Array {
  if (value.length <= SMALL_BYTES) {
    const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.length);
    return bytes.toString('latin1');
  }
  return value.length >= value.buffer.byteLength * MOST_OF_BUFFER ? value : new Uint8Array(value);
}
