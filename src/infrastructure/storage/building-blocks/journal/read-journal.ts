import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '../../../../domain/errors.js';
import { refuseLink } from '../../../files/refuse-link.js';
import { MalformedDataError, toStorageError, unreadableFile } from '../../../files/storage-errors.js';
import { type Segment, segmentPaths } from './segment-file.js';
import {
  decodeHeader,
  FRAME_HEADER_BYTES,
  FRAMES_AT,
  type Frame,
  findFrame,
  frameAt,
  HEADER_BYTES,
  UNKNOWN,
} from './segment-format.js';

/** Receives the payload of a frame, in the order of the sequence numbers; it is a view on a buffer of its segment. */
export type FrameVisitor = (payload: Buffer, sequence: number) => void;

/** A segment with frames that are not released. */
export interface UsedSegment extends Segment {
  /** The sequence number of its last frame. */
  readonly last: number;
  /** Where its last frame begins, and the position after it. */
  readonly lastAt: number;
  readonly end: number;
}

/** What was found in a folder. */
export interface JournalFiles {
  readonly used: readonly UsedSegment[];
  /** Segments without a frame that is needed. */
  readonly unused: readonly Segment[];
  readonly released: number;
  /** The number of the last frame. */
  readonly last: number;
  /** The bytes that each frame takes that is not released. */
  readonly frameBytes: readonly number[];
  /** The place of a part of a frame that a crash cut off. */
  readonly torn: TornFrame | undefined;
}

export interface TornFrame {
  readonly path: string;
  readonly at: number;
}

/** A segment and the number that its first frame has, by its header or by that frame. */
interface Candidate extends Segment {
  readonly first: number | undefined;
}

/**
 * Visits all frames after `after` that are not released, and writes nothing. No folder means no frames. A last frame
 * that a crash cut off is left out: it was never acknowledged. Rejects with `unavailable`, naming file and byte, if
 * there is damage before the last frame.
 */
export async function readJournal(folder: string, after: number, visit: FrameVisitor): Promise<JournalFiles> {
  try {
    await refuseLink(folder);
    const candidates: Candidate[] = [];
    for (const path of await segmentPaths(folder)) candidates.push(await candidateAt(path));
    return await new Replay(candidates, after, visit).run();
  } catch (error) {
    throw toStorageError(folder, error);
  }
}

/** The bytes of a segment. */
export async function readSegment(path: string): Promise<Buffer> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    return await file.readFile();
  } catch (error) {
    throw toStorageError(path, error);
  }
}

async function candidateAt(path: string): Promise<Candidate> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const header = decodeHeader(await bytesAt(file, 0, HEADER_BYTES));
    if (header === undefined) throw unreadableFile(path, 'has a damaged header, from byte 0 on');
    const { size } = await file.stat();
    const frame = await bytesAt(file, FRAMES_AT, FRAME_HEADER_BYTES);
    const isUsed = frame.length === FRAME_HEADER_BYTES && frame.readUInt32LE(0) === header.salt;
    const own = isUsed ? frame.readDoubleLE(8) : undefined;
    return { path, size, header, first: header.follows === UNKNOWN ? own : header.follows + 1 };
  } catch (error) {
    throw toStorageError(path, error);
  }
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** Reads segments one after the other. */
class Replay {
  readonly #ordered: readonly Candidate[];
  readonly #visit: FrameVisitor;
  readonly #released: number;
  readonly #used: UsedSegment[] = [];
  readonly #unused: Segment[] = [];
  readonly #frameBytes: number[] = [];
  /** The number of the last frame that is known. */
  #last: number;
  #torn: TornFrame | undefined;

  constructor(candidates: readonly Candidate[], after: number, visit: FrameVisitor) {
    // Those without a frame come last: a damaged first frame may hide others.
    const order = ({ first }: Candidate) => first ?? Number.POSITIVE_INFINITY;
    this.#ordered = [...candidates].sort((a, b) => (order(a) < order(b) ? -1 : 1));
    this.#released = candidates.reduce((most, { header }) => Math.max(most, header.released), after);
    this.#last = this.#released;
    this.#visit = visit;
  }

  async run(): Promise<JournalFiles> {
    for (const [i, candidate] of this.#ordered.entries()) {
      const ends = [candidate.header.ends, ...this.#ordered.slice(i + 1).map(({ header }) => header.follows)];
      const limit = Math.min(...ends.filter((end) => end !== UNKNOWN), Number.POSITIVE_INFINITY);
      if (candidate.header.follows > this.#last) throw this.#missing(candidate, FRAMES_AT);
      this.#read(candidate, await readSegment(candidate.path), limit);
    }
    const { length } = this.#frameBytes;
    return {
      used: this.#used,
      unused: this.#unused,
      released: this.#last - length,
      last: this.#last,
      frameBytes: this.#frameBytes,
      torn: this.#torn,
    };
  }

  /** Visits the frames of a segment up to the number `limit`; later ones were never acknowledged. */
  #read(segment: Candidate, bytes: Buffer, limit: number): void {
    const { salt } = segment.header;
    const found = { last: 0, lastAt: 0, end: FRAMES_AT };
    for (let at: number | undefined = FRAMES_AT; at !== undefined; ) {
      const frame = frameAt(bytes, at, salt);
      if (frame === undefined) {
        const next = findFrame(bytes, at, salt);
        const sequence = next === undefined ? undefined : frameAt(bytes, next, salt)?.sequence;
        if (sequence === undefined || sequence > limit) break;
        // What is damaged was released, if the first frame that is needed comes later.
        if (sequence > this.#last + 1) throw this.#missing(segment, at);
        at = next;
        continue;
      }
      if (frame.sequence > limit) break;
      if (frame.sequence > this.#last + 1) throw this.#missing(segment, at);
      if (frame.sequence > this.#last) {
        this.#visitFrame(segment.path, at, frame);
        this.#frameBytes.push(frame.end - at);
        this.#last = frame.sequence;
      }
      Object.assign(found, { last: frame.sequence, lastAt: at, end: frame.end });
      at = frame.end;
    }
    if (found.last > this.#released) this.#used.push({ ...segment, ...found });
    else this.#unused.push(segment);
    const isTorn = limit === Number.POSITIVE_INFINITY && isCutOff(bytes, found.end, salt);
    if (isTorn) this.#torn = { path: segment.path, at: found.end };
  }

  #visitFrame(path: string, at: number, { payload, sequence }: Frame): void {
    try {
      this.#visit(payload, sequence);
    } catch (error) {
      if (!(error instanceof MalformedDataError || error instanceof AppError)) throw error;
      throw unreadableFile(path, `cannot be understood in the frame at byte ${at}: ${error.message}`);
    }
  }

  /** A part of a frame that has others after it was no crash. */
  #missing(segment: Segment, found: number): Error {
    const { path, at } = this.#torn ?? { path: segment.path, at: found };
    return unreadableFile(path, `is damaged at byte ${at}, or before it: frame ${this.#last + 1} is missing`);
  }
}

/** Whether there is a part of a frame. */
function isCutOff(bytes: Buffer, at: number, salt: number): boolean {
  return bytes.length >= at + 4 && bytes.readUInt32LE(at) === salt;
}
