import type { Entry } from '../../../../domain/entry.js';

/** What a frame says of one key: its new entry, or undefined if it is removed. */
export interface FrameChange {
  readonly key: string;
  readonly entry: Entry | undefined;
}

/**
 * Changes as the payload of a frame, in parts that are not copied. For each: u16 length of the key, u32 length of the
 * record (0 if the key is removed), key, record as of `entry-record`.
 */
export declare function encodeChanges(changes: Iterable<FrameChange>): Buffer[];

/** At most so many bytes has the payload of these changes; exact but for the metadata's flags. */
export declare function changeBytes(change: FrameChange): number;

/** Reads a payload. An entry's value is a view on it unless `copies`. Throws `MalformedDataError`. */
export declare function decodeChanges(payload: Buffer, visit: (change: FrameChange) => void): void;
