import { constants, lstatSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../../../files/durable-file.js';
import { writeAll } from '../../../files/write-all.js';

/** Where the journal of a store is: the file that is written now, and the one that is being folded. */
export interface JournalPaths {
  readonly current: string;
  readonly old: string;
}

/**
 * The two journal files of a store. One call at a time, except `removeOld`. After a rejection only `close` may be
 * called.
 */
export class Journal {
  readonly #paths: JournalPaths;
  readonly #folder: string;
  #file: FileHandle | undefined;
  #bytes: number;
  /** Of the open file. */
  #inode: number | undefined;
  #hasOld: boolean;

  /** `bytes` is the size of the current file, 0 if there is none. */
  constructor(paths: JournalPaths, bytes: number, hasOld: boolean) {
    this.#paths = paths;
    this.#folder = dirname(paths.current);
    this.#bytes = bytes;
    this.#hasOld = hasOld;
  }

  /** The size of the current file. */
  get bytes(): number {
    return this.#bytes;
  }

  get hasOld(): boolean {
    return this.#hasOld;
  }

  /** Whether the current file is still there, and as long as it was left. */
  get isInPlace(): boolean {
    if (this.#bytes === 0) return true;
    const found = lstatSync(this.#paths.current, { throwIfNoEntry: false });
    return found?.size === this.#bytes && (this.#inode === undefined || found.ino === this.#inode);
  }

  /** Adds a line, durably. */
  async append(line: readonly Buffer[]): Promise<void> {
    const file = this.#file ?? (await this.#open());
    for (const part of line) this.#bytes += await writeAll(file, part);
    await file.datasync();
  }

  /** Makes the current file the old one. There must be no old one. */
  async rotate(): Promise<void> {
    await this.close();
    await rename(this.#paths.current, this.#paths.old);
    await syncFolder(this.#folder);
    this.#hasOld = true;
    this.#bytes = 0;
  }

  async removeOld(): Promise<void> {
    if (!this.#hasOld) return;
    await rm(this.#paths.old, { force: true });
    await syncFolder(this.#folder);
    this.#hasOld = false;
  }

  /** The old one first: if only that were left after a crash, it would bring back what the current one changed. */
  async removeAll(): Promise<void> {
    await this.close();
    await this.removeOld();
    await rm(this.#paths.current, { force: true });
    await syncFolder(this.#folder);
    this.#bytes = 0;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#inode = undefined;
    await file?.close();
  }

  async #open(): Promise<FileHandle> {
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW;
    const creates = this.#bytes === 0;
    this.#file = await open(this.#paths.current, creates ? flags | constants.O_CREAT | constants.O_EXCL : flags, 0o600);
    this.#inode = (await this.#file.stat()).ino;
    if (creates) await syncFolder(this.#folder);
    return this.#file;
  }
}
