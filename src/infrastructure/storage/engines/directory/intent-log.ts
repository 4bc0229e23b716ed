import { constants, readFileSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile, syncFolder, writeNewFile } from '../../../files/durable-file.js';
import { isFull, MalformedDataError, unreadableFile } from '../../../files/storage-errors.js';
import { writeAll } from '../../../files/write-all.js';
import { itemText } from '../../building-blocks/entry-json/item-text.js';
import { StoreScanner } from '../../building-blocks/entry-json/store-scanner.js';
import type { SegmentReserve } from '../../building-blocks/journal/segment-reserve.js';
import type { FileChange } from './entry-file.js';

/** How long a commit may be that only removes, if the disk is full and there was room before. */
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
  readonly #sharedReserve: SegmentReserve | undefined;
  /** The size of the file in reserve; 0 if there is none. */
  #reservedBytes = 0;
  #isReserveUsed = false;

  /** `sharedReserve` is for a folder that has no reserve yet. */
  constructor(folder: string, sharedReserve?: SegmentReserve) {
    this.#folder = folder;
    this.#sharedReserve = sharedReserve;
    this.#path = join(folder, IntentLog.FILE);
    this.#prepared = `${this.#path}.tmp`;
    this.#reserve = join(folder, 'intent.reserve');
  }

  /** Makes the reserve, if there is none or a smaller one, and the disk has room. */
  async reserve(): Promise<void> {
    if (this.#reservedBytes < RESERVE_BYTES) this.#reservedBytes = sizeOf(this.#reserve);
    if (this.#reservedBytes >= RESERVE_BYTES) return;
    try {
      await replaceFile(this.#reserve, (file) => writeAll(file, Buffer.alloc(RESERVE_BYTES, ' ')));
      this.#reservedBytes = RESERVE_BYTES;
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
    if (this.#isReserveUsed) {
      await rename(this.#path, this.#reserve);
      this.#reservedBytes = sizeOf(this.#reserve);
    } else await rm(this.#path);
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
    if (this.#reservedBytes === 0) await this.#takeShared(bytes.length);
    const size = this.#reservedBytes;
    if (bytes.length > size) return false;
    this.#reservedBytes = 0;
    try {
      const file = await open(this.#reserve, constants.O_WRONLY | constants.O_NOFOLLOW);
      try {
        await writeAll(file, Buffer.concat([bytes, Buffer.alloc(size - bytes.length, ' ')]));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(this.#reserve, this.#prepared);
    } catch (error) {
      // Another process may have used it.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return false;
    }
    this.#isReserveUsed = true;
    return true;
  }

  async #takeShared(bytes: number): Promise<void> {
    const taken = await this.#sharedReserve?.take(this.#reserve, bytes, false);
    this.#reservedBytes = taken?.size ?? 0;
  }
}

/** 0 if the file is missing. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function* textOf(changes: readonly FileChange[]): Generator<string> {
  for (const [i, { key, entry }] of changes.entries()) {
    const item = entry === undefined ? `${JSON.stringify(key)}: null` : itemText(entry, true);
    yield `${i === 0 ? '{\n' : ',\n'}${item}`;
  }
  yield '\n}\n';
}
