import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Logger } from '../../../../application/ports/logger.js';
import { syncFolder } from '../../../files/durable-file.js';
import { freeBytes } from '../../../files/free-space.js';
import { refuseLink } from '../../../files/refuse-link.js';
import { isFull } from '../../../files/storage-errors.js';
import { allocateSegment, recycleSegment, type Segment, segmentPaths } from './segment-file.js';

/** How many segments are kept, and their size in bytes. */
const SEGMENTS = 16;
/** How many are left for those that took none yet. */
const FOR_OTHERS = 8;
const SEGMENT_BYTES = 16 * 1024;
/** They are made only if so many bytes are free: what is left on an almost full disk is for others. */
const LEAST_FREE = 2 * 1024 * 1024;

/**
 * Segments that all projects of a data folder keep together, for removes of those that have no room of their own when
 * the disk is full. Each is a file in a folder of its own: to move both to a project takes no byte that is free, and no
 * other program can come in between.
 */
export class SegmentReserve {
  readonly #path: string;
  readonly #log: Logger;
  #isComplete = false;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(dataFolder: string, log: Logger) {
    this.#path = join(dataFolder, 'reserve.portkv');
    this.#log = log;
  }

  /** Makes the segments that are missing, if the disk has room. Never rejects. */
  keep(): Promise<void> {
    return this.#isComplete ? Promise.resolve() : this.#next(() => this.#fill());
  }

  /**
   * Makes one of the segments, if it has room for so many bytes, the file `path`, which must not exist. Its folder is
   * made of the one of the segment if it is missing. Undefined if there is none, or the folder is on another disk; who
   * took one before gets none of the last few.
   */
  take(path: string, bytes: number, tookBefore: boolean): Promise<Segment | undefined> {
    if (bytes > SEGMENT_BYTES) return Promise.resolve(undefined);
    return this.#next(async () => {
      this.#isComplete = false;
      const kept = await this.#segments();
      for (const found of kept.slice(tookBefore ? FOR_OTHERS : 0)) {
        if (await this.#move(found, path)) return recycleSegment({ path, size: SEGMENT_BYTES }, 0);
      }
      return undefined;
    });
  }

  #next<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(task);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #fill(): Promise<void> {
    if (this.#isComplete) return;
    const folder = dirname(this.#path);
    try {
      await refuseLink(this.#path);
      const found = await this.#segments();
      for (let missing = SEGMENTS - found.length; missing > 0; missing--) {
        if ((await freeBytes(folder)) < LEAST_FREE) return;
        await this.#make();
      }
      this.#isComplete = true;
    } catch (error) {
      // Nothing is lost: deletes on a full disk are refused then, as any write.
      if (isFull(error)) return;
      this.#log.warn({ folder: this.#path, error }, 'no room can be kept for deletes on a full disk');
    }
  }

  async #make(): Promise<void> {
    const folder = join(this.#path, randomBytes(8).toString('hex'));
    await mkdir(this.#path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await mkdir(folder, { mode: 0o700 });
    try {
      // Synced when it is taken: what a power cut leaves of it is known by its size.
      await allocateSegment(folder, SEGMENT_BYTES);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** The paths of those that are whole; others are removed. */
  async #segments(): Promise<string[]> {
    const whole: string[] = [];
    const names = await readdir(this.#path).catch(() => []);
    for (const folder of names.map((name) => join(this.#path, name))) {
      const [path] = await segmentPaths(folder);
      const stats = path === undefined ? undefined : await lstat(path).catch(() => undefined);
      if (path !== undefined && stats?.isFile() && stats.size === SEGMENT_BYTES) whole.push(path);
      else await rm(folder, { recursive: true, force: true });
    }
    return whole;
  }

  /** Returns false if it cannot be there. */
  async #move(found: string, path: string): Promise<boolean> {
    const folder = dirname(path);
    try {
      await using file = await open(found, 'r+');
      await file.sync();
      const isMissing = (await lstat(folder).catch(() => undefined)) === undefined;
      if (isMissing) await rename(dirname(found), folder);
      await rename(isMissing ? join(folder, basename(found)) : found, path);
      if (!isMissing) await rm(dirname(found), { recursive: true, force: true });
      await syncFolder(folder);
      if (isMissing) await syncFolder(dirname(folder));
      return true;
    } catch (error) {
      this.#log.warn({ folder, error }, 'room that is kept for deletes could not be used');
      return false;
    }
  }
}
