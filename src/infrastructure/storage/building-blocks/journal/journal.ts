import { lstatSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Logger } from '../../../../application/ports/logger.js';
import { type FrameVisitor, type JournalFiles, readJournal } from './read-journal.js';
import { openForWriting, type Segment, withHeader, writeAt } from './segment-file.js';
import { encodeFrameHeader, FRAME_HEADER_BYTES, FRAMES_AT } from './segment-format.js';
import { SegmentPool } from './segment-pool.js';
import type { SegmentReserve } from './segment-reserve.js';
import { dropSegments, makeDurable } from './settle-files.js';

/** Where a journal is and how large its segments are. */
export interface JournalOptions {
  /** An absolute path of its own. The first reservation makes the folder, `close` removes it if nothing is left. */
  readonly folder: string;
  /** The size in bytes of the first segment. Each new one is twice as large as the last one, up to the largest. */
  readonly segmentBytes: number;
  readonly maxSegmentBytes: number;
  /** Frames up to this sequence number are needed no more, and new ones are numbered after it; 0 by default. */
  readonly after?: number;
  /** For what only removes, when the disk is full. */
  readonly reserve?: SegmentReserve | undefined;
  readonly log: Logger;
}

/**
 * What a frame is for. Puts leave a reserve in the journal, so that what only removes can still be written when the
 * disk has no room left.
 */
export type FrameUse = 'put' | 'remove';

/** What puts leave, in bytes. */
const REMOVE_RESERVE = 16 * 1024;
/** A journal without a write for so long, in ms, gives the room back that it has taken in advance. */
const IDLE_AFTER = 60_000;

interface UsedSegment extends Segment {
  /** The sequence number of its last frame. */
  last: number;
}

/** The segment that is written. */
interface OpenSegment extends Segment {
  readonly used: UsedSegment;
  readonly file: FileHandle;
  readonly inode: number;
  position: number;
}

/**
 * Frames of bytes that are on the disk once `append` resolves, until they are released. Every byte that a frame needs
 * is allocated and written before: a write changes no size and cannot meet a full disk, unless the file system copies
 * on write.
 *
 * One call of `reserve`, `append` and `restart` at a time; `release` may run beside them. After one of them rejected
 * with anything but `insufficient_storage`, only `close` may be called: open the journal again to go on.
 */
export class Journal {
  readonly #folder: string;
  readonly #pool: SegmentPool;
  /** Those with frames, in order; the last may be the one that is written. */
  #used: UsedSegment[];
  #current: OpenSegment | undefined;
  #last: number;
  /** Whether the next segment is the first that is written since the journal was opened. */
  #isNew = true;
  #released: number;
  /** The bytes of each frame that is not released. */
  #frameBytes: number[];
  #bytes: number;
  #hasFailed = false;
  #idleTimer: NodeJS.Timeout | undefined;

  private constructor(options: JournalOptions, { used, last, released, frameBytes }: JournalFiles) {
    this.#folder = options.folder;
    this.#pool = new SegmentPool(options);
    this.#used = [...used];
    this.#last = last;
    this.#released = released;
    this.#frameBytes = [...frameBytes];
    this.#bytes = frameBytes.reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Visits all frames that are not released and prepares for writing. Rejects like `readJournal`. */
  static async open(options: JournalOptions, visit: FrameVisitor): Promise<Journal> {
    const { folder, after = 0, log } = options;
    const files = await readJournal(folder, after, visit);
    if (files.torn !== undefined) log.warn(files.torn, 'left out the last frame of a journal, which a crash cut off');
    return new Journal(options, { ...files, used: await makeDurable(folder, files) });
  }

  /** The number of the last frame; numbers count by one from `after` on. */
  get lastSequence(): number {
    return this.#last;
  }

  /** How many bytes the frames have that are not released. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the segment that is written is still there, as it was left. */
  get isInPlace(): boolean {
    const last = this.#current ?? this.#used.at(-1);
    if (last === undefined) return true;
    const found = lstatSync(last.path, { throwIfNoEntry: false });
    if (found === undefined || found.size < last.size) return false;
    return this.#current === undefined || found.ino === this.#current.inode;
  }

  /** Whether a frame with so many bytes of payload can be appended now. Takes no time. */
  hasRoomFor(bytes: number, use: FrameUse): boolean {
    const frame = bytes + FRAME_HEADER_BYTES;
    const left = this.#left();
    if (use === 'remove') return left >= frame || this.#pool.fits(frame);
    if (left >= frame && (left - frame >= REMOVE_RESERVE || this.#pool.fits(REMOVE_RESERVE))) return true;
    return this.#pool.fits(frame + REMOVE_RESERVE);
  }

  /**
   * Makes room for a frame. Rejects with `insufficient_storage` if the disk has none: nothing was attempted, the
   * journal is as before, and the next call tries again.
   */
  async reserve(bytes: number, use: FrameUse): Promise<void> {
    if (!this.hasRoomFor(bytes, use)) await this.#pool.prepared();
    if (this.hasRoomFor(bytes, use)) return;
    await this.#pool.allocate(bytes + FRAME_HEADER_BYTES + (use === 'put' ? REMOVE_RESERVE : 0), use === 'put');
  }

  /** Writes a frame, durably, into the room that was reserved, and resolves with its sequence number. */
  async append(parts: readonly Uint8Array[]): Promise<number> {
    try {
      return await this.#write(parts);
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  /** Frees the frames up to this number: their content is durable elsewhere. Segments are used again or removed. */
  async release(sequence: number): Promise<void> {
    const home = this.#used.at(-1);
    if (home === undefined || sequence <= this.#released) return;
    await withHeader(home, { ...home.header, released: sequence });
    const count = sequence - this.#released;
    this.#bytes -= this.#frameBytes.slice(0, count).reduce((sum, bytes) => sum + bytes, 0);
    this.#frameBytes = this.#frameBytes.slice(count);
    this.#released = sequence;
    // The one with the mark stays, because only the mark says that the others are not missing.
    const isFree = (it: UsedSegment) => it.last <= sequence && it !== home && it.path !== this.#current?.path;
    const free = this.#used.filter(isFree);
    this.#used = this.#used.filter((it) => !free.includes(it));
    for (const segment of free) await this.#pool.recycle(segment, sequence);
  }

  /** Drops all segments, whatever became of them, and begins with new ones: the content of all is durable elsewhere. */
  async restart(): Promise<void> {
    await this.#closeCurrent();
    for (const segment of this.#used) {
      await withHeader(segment, { ...segment.header, released: this.#last }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    }
    await this.#pool.giveBack();
    await dropSegments(this.#folder, this.#used.splice(0));
    this.#isNew = true;
    this.#released = this.#last;
    this.#frameBytes = [];
    this.#bytes = 0;
  }

  /** Gives back what was taken in advance, as it does by itself if nothing is written for a minute. */
  giveBack(): Promise<void> {
    return this.#pool.giveBack();
  }

  /** Frees what is open. If all frames are released, no file is left. */
  async close(): Promise<void> {
    this.abandon();
    await this.#closeCurrent();
    // After a write that failed, only the files say what there is.
    if (this.#hasFailed) return;
    await this.#pool.giveBack();
    if (this.#released === this.#last) await dropSegments(this.#folder, this.#used.splice(0));
  }

  /** For a journal of which a call hangs: nothing is closed that it may use, and nothing new is made. */
  abandon(): void {
    clearTimeout(this.#idleTimer);
    this.#pool.close();
  }

  async #write(parts: readonly Uint8Array[]): Promise<number> {
    const bytes = parts.reduce((sum, part) => sum + part.length, FRAME_HEADER_BYTES);
    const segment = this.#current !== undefined && this.#left() >= bytes ? this.#current : await this.#advance(bytes);
    const sequence = this.#last + 1;
    const header = encodeFrameHeader(segment.header.salt, sequence, parts);
    await writeAt(segment.file, [header, ...parts], segment.position);
    segment.position += bytes;
    segment.used.last = sequence;
    this.#last = sequence;
    this.#frameBytes.push(bytes);
    this.#bytes += bytes;
    this.#pool.prepareFor(segment.size, this.#left());
    this.#watchIdle();
    return sequence;
  }

  #left(): number {
    return this.#current === undefined ? 0 : this.#current.size - this.#current.position;
  }

  async #advance(bytes: number): Promise<OpenSegment> {
    const taken = this.#pool.take(bytes);
    if (taken === undefined) throw new Error(`no room was reserved for a frame of ${bytes} bytes`);
    const next = this.#isNew ? await this.#begin(taken) : taken;
    await this.#closeCurrent();
    const file = await openForWriting(next.path);
    const { ino } = await file.stat();
    const used = { ...next, last: this.#last };
    this.#used.push(used);
    this.#current = { ...next, used, file, inode: ino, position: FRAMES_AT };
    return this.#current;
  }

  /** A frame after the last that is known, which another segment may get from a write that hangs, does not count. */
  async #begin(segment: Segment): Promise<Segment> {
    const marks = { follows: this.#last, released: this.#released };
    const next = await withHeader(segment, { ...segment.header, ...marks });
    this.#isNew = false;
    return next;
  }

  async #closeCurrent(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.file.close();
  }

  #watchIdle(): void {
    if (this.#idleTimer === undefined) {
      this.#idleTimer = setTimeout(() => {
        this.#idleTimer = undefined;
        this.#pool.giveBack().catch(() => undefined);
      }, IDLE_AFTER).unref();
    } else this.#idleTimer.refresh();
  }
}
