import { contentBytes, type Entry } from '../../../../domain/entry.js';
import { MalformedDataError } from '../../../files/storage-errors.js';
import { decodeRecord, recordBytes, writeRecord } from '../entry-record.js';

/** Key length, record length. */
const PREFIX_BYTES = 6;
/** What a record has besides value, metadata and content type, at most. */
const RECORD_OVERHEAD = 48;
/** Changes are one part up to this size: to write several costs more. */
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
export function encodeChanges(changes: readonly FrameChange[]): Buffer[] {
  const lengths = changes.map(lengthsOf);
  const bytes = lengths.reduce((sum, { key, record }) => sum + PREFIX_BYTES + key + record, 0);
  if (bytes > JOINED_BYTES) {
    return changes.map((change, i) => {
      const length = lengths[i] as ChangeLengths;
      const part = Buffer.allocUnsafe(PREFIX_BYTES + length.key + length.record);
      writeChange(part, 0, change, length);
      return part;
    });
  }
  const payload = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const [i, change] of changes.entries()) at = writeChange(payload, at, change, lengths[i] as ChangeLengths);
  return [payload];
}

/** In bytes. */
interface ChangeLengths {
  readonly key: number;
  readonly record: number;
}

function lengthsOf({ key, entry }: FrameChange): ChangeLengths {
  return { key: Buffer.byteLength(key), record: entry === undefined ? 0 : recordBytes(entry) };
}

/** Returns the position after it. */
function writeChange(target: Buffer, at: number, { key, entry }: FrameChange, length: ChangeLengths): number {
  const keyAt = at + PREFIX_BYTES;
  const recordAt = keyAt + length.key;
  target.writeUInt16LE(length.key, at);
  target.writeUInt32LE(length.record, at + 2);
  target.write(key, keyAt, 'utf8');
  if (entry !== undefined) writeRecord(target, keyAt, recordAt, entry);
  return recordAt + length.record;
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
