import type { Entry } from '../../../domain/entry.js';
import type { EntryHeader } from './write-group.js';

/** Values up to this many bytes are kept as strings of one byte a character, which are 200 bytes lighter than a Uint8Array. */
const SMALL_BYTES = 1024;
/** The part of the memory behind a slice from which on it counts as all of it: to copy it would cost more. */
const WHOLE = 0.9;

/** An entry as it is kept in memory, under its key. */
export interface PackedEntry {
  readonly value: string | Uint8Array;
  readonly contentType: string;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt: number | undefined;
}

/** `contentType` is the entry's, perhaps a string that others share. */
export function packEntry(entry: Entry, contentType = entry.contentType): PackedEntry {
  const { value, version, createdAt, updatedAt, expiresAt } = entry;
  return { value: packed(value), contentType, version, createdAt, updatedAt, expiresAt };
}

export function unpackEntry(key: string, row: PackedEntry): Entry {
  const { contentType, version, createdAt, updatedAt, expiresAt } = row;
  const value = typeof row.value === 'string' ? Buffer.from(row.value, 'latin1') : row.value;
  if (expiresAt === undefined) return { key, value, contentType, version, createdAt, updatedAt };
  return { key, value, contentType, version, createdAt, updatedAt, expiresAt };
}

export function headerOf(key: string, { version, value, expiresAt }: PackedEntry): EntryHeader {
  return { version, bytes: Buffer.byteLength(key) + value.length, expiresAt };
}

/** A large value is kept as it is, unless it is a slice that would keep much more than itself alive. */
function packed(value: Uint8Array): string | Uint8Array {
  if (value.length <= SMALL_BYTES) {
    return Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1');
  }
  return value.length >= value.buffer.byteLength * WHOLE ? value : new Uint8Array(value);
}
