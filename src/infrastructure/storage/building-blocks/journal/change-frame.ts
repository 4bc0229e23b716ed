import { contentBytes, type Entry } from '../../../../domain/entry.js';
import { MalformedDataError } from '../../../files/storage-errors.js';
import { decodeRecord, encodeRecord } from '../entry-record.js';

/** Key length, record length. */
const PREFIX_BYTES = 6;
/** What a record has besides value, metadata and content type, at most. */
const RECORD_OVERHEAD = 48;
/** Parts are joined up to this size: to copy them costs less than to write them one by one. */
const JOINED_BYTES = 256 * 1024;

/** What a frame says of one key: its new entry, or undefined if it is removed. */
export interface FrameChange {
  readonly key: string;
  readonly entry: Entry | undefined;
}

/**
 * Changes as the payload of a frame, in parts. For each: u16 length of the key, u32 length of the record (0 if the key
 * is removed), key, record as of `entry-record`.
 */
export function encodeChanges(changes: Iterable<FrameChange>): Buffer[] {
  const parts: Buffer[] = [];
  let bytes = 0;
  for (const { key, entry } of changes) {
    const record = entry === undefined ? undefined : encodeRecord(entry);
    const keyBytes = Buffer.byteLength(key);
    const head = Buffer.allocUnsafe(PREFIX_BYTES + keyBytes);
    head.writeUInt16LE(keyBytes, 0);
    head.writeUInt32LE(record?.length ?? 0, 2);
    head.write(key, PREFIX_BYTES, 'utf8');
    parts.push(head);
    if (record !== undefined) parts.push(record);
    bytes += head.length + (record?.length ?? 0);
  }
  return bytes <= JOINED_BYTES ? [Buffer.concat(parts, bytes)] : parts;
}

/** The payload of a change has at most so many bytes. */
export function changeBytes(key: string, entry: Entry | undefined): number {
  // A character of UTF-16 has at most three bytes in UTF-8.
  if (entry === undefined) return PREFIX_BYTES + 3 * key.length;
  return PREFIX_BYTES + 3 * (key.length + entry.contentType.length) + RECORD_OVERHEAD + contentBytes(entry);
}

/** Reads a payload; values are views on it. Throws `MalformedDataError`. */
export function decodeChanges(payload: Buffer, visit: (change: FrameChange) => void): void {
  for (let at = 0; at < payload.length; ) {
    if (payload.length < at + PREFIX_BYTES) throw new MalformedDataError('has a change that is cut off', at);
    const keyAt = at + PREFIX_BYTES;
    const recordAt = keyAt + payload.readUInt16LE(at);
    const end = recordAt + payload.readUInt32LE(at + 2);
    if (end > payload.length) throw new MalformedDataError('has a change that is cut off', at);
    const key = payload.toString('utf8', keyAt, recordAt);
    visit({ key, entry: end === recordAt ? undefined : decodeRecord(key, payload.subarray(recordAt, end)) });
    at = end;
  }
}
