import { dirname } from 'node:path';
import type { Logger } from '../../../../application/ports/logger.js';
import { freeBytes } from '../../../files/free-space.js';
import { isFull } from '../../../files/storage-errors.js';
import type { Journal } from '../../building-blocks/journal/journal.js';
import type { OrderedTable } from '../../building-blocks/ordered-table.js';
import { writeDataFile } from './data-file.js';

/** A fold that failed is tried again after so many ms, and after twice as many each time unless the disk was full. */
const RETRY_AFTER = 500;
const MAX_RETRY_AFTER = 30_000;
/** How much larger than an entry its line is at most, if the file that is there does not show it. */
const LINE_BYTES = 200;
const TEXT_SHARE = 1.4;
/** What a fold leaves free for other files. */
const DISK_RESERVE = 64 * 1024;

export interface FoldedFiles {
  readonly file: string;
  readonly fileBytes: number;
  readonly table: OrderedTable;
  readonly journal: Journal;
  readonly log: Logger;
}

/**
 * Makes the file of a store hold what is in its journal, in the background. A failure does no harm: the journal stays,
 * and it is tried again.
 */
export class Fold {
  readonly #files: FoldedFiles;
  #fileBytes: number;
  #running: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryAfter = RETRY_AFTER;
  #lacksRoom = false;

  constructor(files: FoldedFiles) {
    this.#files = files;
    this.#fileBytes = files.fileBytes;
  }

  /** Folds if the journal is larger than `bytes` and than the file. */
  startAbove(bytes: number): void {
    if (this.#running !== undefined || this.#retry !== undefined) return;
    if (this.#files.journal.bytes > Math.max(bytes, this.#fileBytes)) this.#start();
  }

  /** Resolves when none runs. None is tried again by itself after this. */
  async stop(): Promise<void> {
    await this.#running;
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }

  /** Replaces the file by one of what is in memory. */
  async writeFile(): Promise<void> {
    const { file, table } = this.#files;
    await this.stop();
    this.#fileBytes = await writeDataFile(file, table);
  }

  #start(): void {
    this.#retry = undefined;
    this.#running = this.#fold().finally(() => {
      this.#running = undefined;
    });
  }

  async #fold(): Promise<void> {
    const { file, table, journal, log } = this.#files;
    try {
      if (!(await this.#hasRoom())) return this.#tryLater(true);
      const last = journal.lastSequence;
      this.#fileBytes = await writeDataFile(file, table);
      await journal.release(last);
      this.#retryAfter = RETRY_AFTER;
      this.#lacksRoom = false;
    } catch (error) {
      log.warn({ file, error }, 'a journal could not be folded into its file; it stays beside it');
      this.#tryLater(isFull(error));
    }
  }

  /** Without an attempt: it would take the room that is left away from all others. */
  async #hasRoom(): Promise<boolean> {
    const { file, table, journal, log } = this.#files;
    const { keys, bytes } = table.size();
    const needed = bytes * TEXT_SHARE + keys * LINE_BYTES + DISK_RESERVE;
    const folder = dirname(file);
    if ((await freeBytes(folder)) >= needed) return true;
    await journal.giveBack();
    if ((await freeBytes(folder)) >= needed) return true;
    if (!this.#lacksRoom)
      log.warn({ file, bytes: needed }, 'a journal stays, because the disk has no room for its file');
    this.#lacksRoom = true;
    return false;
  }

  #tryLater(isFull: boolean): void {
    this.#retry = setTimeout(() => this.#start(), this.#retryAfter).unref();
    this.#retryAfter = isFull ? RETRY_AFTER : Math.min(MAX_RETRY_AFTER, 2 * this.#retryAfter);
  }
}
