import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '../../../../application/ports/logger.js';
import { AppError } from '../../../../domain/errors.js';
import { syncFolder } from '../../../files/durable-file.js';
import { freeBytes } from '../../../files/free-space.js';
import { isFull } from '../../../files/storage-errors.js';
import { createSegment, newSegmentPath, recycleSegment, type Segment } from './segment-file.js';
import { FRAMES_AT } from './segment-format.js';
import type { SegmentReserve } from './segment-reserve.js';

const BLOCK = 4096;
/** What segments for puts leave on the disk, in bytes, for small files such as the placement. */
const DISK_RESERVE = 256 * 1024;
/** Free segments are kept up to so many times the size of the largest. */
const KEPT_SEGMENTS = 4;
/** After a preparation failed, the next one is tried after so many ms. */
const RETRY_AFTER = 500;

export interface SegmentPoolOptions {
  readonly folder: string;
  readonly segmentBytes: number;
  readonly maxSegmentBytes: number;
  /** For what only removes, when the disk is full. */
  readonly reserve?: SegmentReserve | undefined;
  readonly log: Logger;
}

/** Segments that were allocated in advance, without frames. */
export class SegmentPool {
  readonly #options: SegmentPoolOptions;
  readonly #free: Segment[] = [];
  #nextSize: number;
  #preparing: Promise<void> | undefined;
  #prepareFrom = 0;
  #tookReserved = false;
  #closed = false;

  constructor(options: SegmentPoolOptions) {
    this.#options = options;
    this.#nextSize = options.segmentBytes;
  }

  /** Whether one of them has room for so many bytes of frames. */
  fits(bytes: number): boolean {
    return this.#free.some(({ size }) => size - FRAMES_AT >= bytes);
  }

  /** The first with room for so many bytes, which is no more in the pool. */
  take(bytes: number): Segment | undefined {
    const index = this.#free.findIndex(({ size }) => size - FRAMES_AT >= bytes);
    return index < 0 ? undefined : this.#free.splice(index, 1)[0];
  }

  /** Resolves when the preparation that runs has ended, successful or not. */
  async prepared(): Promise<void> {
    await this.#preparing;
  }

  /**
   * Makes a segment with room for so many bytes. Rejects with `insufficient_storage` if the disk has none; `leaving` a
   * reserve for other files, or else taking one that is kept for that.
   */
  async allocate(bytes: number, leaving: boolean): Promise<void> {
    const least = BLOCK * Math.ceil((FRAMES_AT + bytes) / BLOCK);
    try {
      await this.#allocate(least, leaving);
    } catch (error) {
      if (leaving || !(error instanceof AppError) || !(await this.#takeFromReserve(least))) throw error;
    }
    if (leaving) void this.#options.reserve?.keep();
  }

  /** Makes the next segment if there is none and the present one, of that size, has little room left. */
  prepareFor(size: number, left: number): void {
    if (this.#free.length > 0 || this.#preparing !== undefined || this.#closed) return;
    if (left > size / 2 || performance.now() < this.#prepareFrom) return;
    this.#preparing = this.allocate(0, true)
      // The next write finds out whether that lasts.
      .catch(() => {
        this.#prepareFrom = performance.now() + RETRY_AFTER;
      })
      .finally(() => {
        this.#preparing = undefined;
      });
  }

  /** Takes a segment whose frames are released, or removes it if there are enough. */
  async recycle(segment: Segment, released: number): Promise<void> {
    const { segmentBytes, maxSegmentBytes } = this.#options;
    const kept = this.#free.reduce((sum, { size }) => sum + size, segment.size);
    const isKept = !this.#closed && segment.size >= segmentBytes && kept <= KEPT_SEGMENTS * maxSegmentBytes;
    if (!isKept) return rm(segment.path, { force: true });
    this.#free.push(await recycleSegment(segment, released));
  }

  /** Removes all that are free. */
  async giveBack(): Promise<void> {
    await this.#preparing;
    for (const { path } of this.#free.splice(0)) await rm(path, { force: true });
  }

  /** What is being prepared is not kept. */
  close(): void {
    this.#closed = true;
  }

  async #allocate(least: number, leaving: boolean): Promise<void> {
    const room = (await freeBytes(dirname(this.#options.folder))) - (leaving ? DISK_RESERVE : 0);
    const size = Math.max(least, Math.min(this.#nextSize, BLOCK * Math.floor(room / BLOCK)));
    if (size > room) throw this.#full(least);
    try {
      await this.#create(size);
    } catch (error) {
      throw isFull(error) ? this.#full(least, error) : error;
    }
  }

  async #takeFromReserve(bytes: number): Promise<boolean> {
    const { reserve, folder } = this.#options;
    const segment = await reserve?.take(newSegmentPath(folder), bytes, this.#tookReserved);
    if (segment === undefined) return false;
    this.#free.push(segment);
    this.#tookReserved = true;
    return true;
  }

  async #create(size: number): Promise<void> {
    const { folder, maxSegmentBytes } = this.#options;
    if ((await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) await syncFolder(dirname(folder));
    this.#free.push(await createSegment(folder, size, () => !this.#closed));
    if (size >= this.#nextSize) this.#nextSize = Math.min(maxSegmentBytes, 2 * this.#nextSize);
  }

  #full(bytes: number, cause?: unknown): AppError {
    const message = `${this.#options.folder}: no space is left on the disk for ${bytes} bytes`;
    return new AppError('insufficient_storage', message, { cause });
  }
}
