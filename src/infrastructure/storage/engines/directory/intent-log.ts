import { constants, readFileSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder, writeNewFile } from '../../../files/durable-file.js';
import { isFull, MalformedDataError, unreadableFile } from '../../../files/storage-errors.js';
import { writeAll } from '../../../files/write-all.js';
import { itemText } from '../../building-blocks/entry-json/item-text.js';
import { StoreScanner } from '../../building-blocks/entry-json/store-scanner.js';
import type { FileChange } from './entry-file.js';

/** How long a commit may be that only removes, if the disk is full. */
const RESERVE_BYTES = 64 * 1024;

/**
 * Makes a commit of several files atomic: either its whole file is there, or it did not happen. Used under the lock.
 * A file is kept in reserve, so that entries can be removed on a full disk.
 */
export class IntentLog {
  static readonly FILE = 'intent.json';
  readonly #folder: string;
  readonly #path: string;
  readonly #prepared: string;
  readonly #reserve: string;
  #isReserved = false;
  #isReserveUsed = false;

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, IntentLog.FILE);
    this.#prepared = `${this.#path}.tmp`;
    this.#reserve = join(folder, 'intent.reserve');
  }

  /** Makes the reserve, if there is none and the disk has room. */
  async reserve(): Promise<void> {
    this.#isReserved ||= statSync(this.#reserve, { throwIfNoEntry: false })?.size === RESERVE_BYTES;
    if (this.#isReserved) return;
    await rm(this.#reserve, { force: true });
    try {
      await writeNewFile(this.#reserve, (file) => writeAll(file, Buffer.alloc(RESERVE_BYTES, ' ')));
      this.#isReserved = true;
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  /** Takes the room for a commit. If it rejects, nothing is left behind. */
  async prepare(changes: readonly FileChange[]): Promise<void> {
    await rm(this.#prepared, { force: true });
    try {
      await writeNewFile(this.#prepared, async (file) => {
        for (const piece of textOf(changes)) await writeAll(file, Buffer.from(piece));
      });
    } catch (error) {
      const isRemoval = changes.every(({ entry }) => entry === undefined);
      if (!isFull(error) || !isRemoval || !(await this.#prepareInReserve(changes))) throw error;
    }
  }

  /** The commit that was prepared: durable once it resolves. */
  async commit(): Promise<void> {
    await rename(this.#prepared, this.#path);
    await syncFolder(this.#folder);
  }

  /** Durable before anything else is committed, because the log would undo that after a crash. */
  async remove(): Promise<void> {
    if (this.#isReserveUsed) await rename(this.#path, this.#reserve);
    else await rm(this.#path);
    this.#isReserved ||= this.#isReserveUsed;
    this.#isReserveUsed = false;
    await syncFolder(this.#folder);
  }

  /** What a dead process committed and did not carry out; usually undefined. Throws `unavailable`. */
  read(): FileChange[] | undefined {
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const changes: FileChange[] = [];
    try {
      const scanner = new StoreScanner((key, entry) => changes.push({ key, entry }), true);
      const consumed = scanner.scan(bytes);
      if (consumed < bytes.length || !scanner.ended) throw new MalformedDataError('is cut off', consumed);
    } catch (error) {
      if (error instanceof MalformedDataError) throw unreadableFile(this.#path, `${error.why}, at byte ${error.at}`);
      throw error;
    }
    return changes;
  }

  /** Returns false if there is no reserve, or it is too small. */
  async #prepareInReserve(changes: readonly FileChange[]): Promise<boolean> {
    const bytes = Buffer.from([...textOf(changes)].join(''));
    if (!this.#isReserved || bytes.length > RESERVE_BYTES) return false;
    try {
      const file = await open(this.#reserve, constants.O_WRONLY | constants.O_NOFOLLOW);
      try {
        await writeAll(file, Buffer.concat([bytes, Buffer.alloc(RESERVE_BYTES - bytes.length, ' ')]));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(this.#reserve, this.#prepared);
    } catch (error) {
      // Another process may have used it.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      this.#isReserved = false;
      return false;
    }
    this.#isReserved = false;
    this.#isReserveUsed = true;
    return true;
  }
}

function* textOf(changes: readonly FileChange[]): Generator<string> {
  for (const [i, { key, entry }] of changes.entries()) {
    const item = entry === undefined ? `${JSON.stringify(key)}: null` : itemText(entry, true);
    yield `${i === 0 ? '{\n' : ',\n'}${item}`;
  }
  yield '\n}\n';
}
