import { crc32 } from 'node:zlib';
import type { Entry, EntryHead } from '../../../../domain/entry.js';
import { AppError } from '../../../../domain/errors.js';
import { decodeHead, decodeRecord, encodeRecord, readHeader } from '../../building-blocks/entry-record.js';
import { SET_BYTES } from './store-keys.js';

/**
 * An entry as it is kept in etcd: `0 · record`, or, if its value is in chunks, `1 · SET · float64 length · u32 CRC-32`
 * of the value and a record without the value.
 */
const WHOLE = 0;
const CHUNKED = 1;
const RECORD_AT = 1 + SET_BYTES + 8 + 4;

/** Where a value is that is not in its row. */
export interface ChunkedValue {
  readonly set: Buffer;
  readonly length: number;
  readonly checksum: number;
}

/** What a commit has to know of what is stored. */
export interface StoredHead {
  /** The revision of its last change; 0 if it does not exist. */
  readonly mod: number;
  readonly version: number | undefined;
  /** What it adds to `Store.size().bytes`. */
  readonly bytes: number;
  readonly expiresAt: number | undefined;
  readonly set: Buffer | undefined;
}

export const ABSENT: StoredHead = { mod: 0, version: undefined, bytes: 0, expiresAt: undefined, set: undefined };

export function encodeRow(entry: Entry): Buffer {
  return Buffer.concat([Buffer.of(WHOLE), encodeRecord(entry)]);
}

export function encodeChunkedRow(entry: Entry, set: Buffer): Buffer {
  const numbers = Buffer.alloc(12);
  numbers.writeDoubleLE(entry.value.length);
  numbers.writeUInt32LE(crc32(entry.value), 8);
  return Buffer.concat([Buffer.of(CHUNKED), set, numbers, encodeRecord({ ...entry, value: new Uint8Array(0) })]);
}

/** Where the value is; undefined if it is in the row. */
export function chunkedValue(row: Buffer): ChunkedValue | undefined {
  if (row[0] !== CHUNKED) return undefined;
  const set = row.subarray(1, 1 + SET_BYTES);
  const length = row.readDoubleLE(1 + SET_BYTES);
  return { set, length, checksum: row.readUInt32LE(1 + SET_BYTES + 8) };
}

/** The entry of a row; `chunks` are those of a value that is not in it. Throws `unavailable` if it is damaged. */
export function decodeRow(key: string, row: Buffer, chunks?: Buffer): Entry {
  const entry = decodeRecord(key, recordOf(row));
  const chunked = chunkedValue(row);
  if (chunked === undefined) return entry;
  if (chunks?.length !== chunked.length || crc32(chunks) !== chunked.checksum) {
    throw new AppError('unavailable', `the value of '${key}' is not whole`);
  }
  return { ...entry, value: chunks };
}

export function decodeRowHead(key: string, row: Buffer): EntryHead {
  const head = decodeHead(key, recordOf(row));
  const chunked = chunkedValue(row);
  return chunked === undefined ? head : { ...head, sizeBytes: chunked.length };
}

export function storedHead(key: string, row: Buffer, mod: number): StoredHead {
  const { version, bytes, expiresAt } = readHeader(key, recordOf(row));
  const chunked = chunkedValue(row);
  return { mod, version, bytes: bytes + (chunked?.length ?? 0), expiresAt, set: chunked && Buffer.from(chunked.set) };
}

function recordOf(row: Buffer): Buffer {
  if (row[0] === WHOLE) return row.subarray(1);
  if (row[0] === CHUNKED && row.length > RECORD_AT) return row.subarray(RECORD_AT);
  throw new AppError('unavailable', 'a stored row has no known format');
}
