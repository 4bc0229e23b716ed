import type { Logger } from '../../../../application/ports/logger.js';

/** Where a journal is and how large its segments are. */
export interface JournalOptions {
  /** An absolute path of its own. The first reservation makes the folder, `close` removes it if nothing is left. */
  readonly folder: string;
  /** The size in bytes of the first segments. Each new segment is twice as large as the last one, up to the largest. */
  readonly segmentBytes: number;
  readonly maxSegmentBytes: number;
  /** Frames up to this sequence number are needed no more, and new ones are numbered after it; 0 by default. */
  readonly after?: number;
  readonly log: Logger;
}

/**
 * What a frame is for. Puts leave a reserve in the journal, so that what only removes can still be written when the
 * disk has no room left.
 */
export type FrameUse = 'put' | 'remove';

/** Receives a payload, in the order of the sequence numbers. The payload is only valid during the call. */
export type FrameVisitor = (payload: Buffer, sequence: number) => void;

/**
 * Frames of bytes that are on the disk once `append` resolves, until they are released. Every byte that a frame needs
 * is allocated and written with zeros before: a write changes no size and cannot meet a full disk.
 *
 * One call of `reserve`, `append` and `restart` at a time; `release` may run beside them. After one of them rejected
 * with anything but `insufficient_storage`, only `close` may be called: open the journal again to go on.
 */
export interface Journal {
  /** The number of the last frame; numbers count by one from `after` on. */
  readonly lastSequence: number;
  /** How many bytes the frames have that are not released. */
  readonly bytes: number;
  /** Whether the segments that hold frames are still there, as they were left. */
  readonly isInPlace: boolean;
  /** Whether a frame with so many bytes of payload can be appended now. Takes no time. */
  hasRoomFor(bytes: number, use: FrameUse): boolean;
  /**
   * Makes room for a frame. Rejects with `insufficient_storage` if the disk has none: nothing was attempted, the
   * journal is as before, and the next call tries again.
   */
  reserve(bytes: number, use: FrameUse): Promise<void>;
  /** Writes a frame, durably, into the room that was reserved, and resolves with its sequence number. */
  append(parts: readonly Uint8Array[]): Promise<number>;
  /** Frees the frames up to this number: their content is durable elsewhere. Segments are used again or removed. */
  release(sequence: number): Promise<void>;
  /** Drops all segments, whatever became of them, and begins anew: the content of all is durable elsewhere. */
  restart(): Promise<void>;
  /** Frees what is open. If all frames are released, no file is left. */
  close(): Promise<void>;
}

/** Opens a journal for writing, after all frames that are not released were visited. Rejects like `readJournal`. */
export declare function openJournal(options: JournalOptions, visit: FrameVisitor): Promise<Journal>;

/**
 * Visits all frames that are not released and writes nothing. No folder means no frames. A last frame that a crash cut
 * off is left out. Rejects with `unavailable`, naming file and byte, if there is damage before the last frame.
 */
export declare function readJournal(folder: string, after: number, visit: FrameVisitor): Promise<void>;

/** Visits every frame that can be read, in order, and returns what cannot be: file and bytes. For a repair. */
export declare function salvageJournal(folder: string, visit: FrameVisitor): Promise<string[]>;
