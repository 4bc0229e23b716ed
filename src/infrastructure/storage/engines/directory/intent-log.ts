import { readFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder, writeNewFile } from '../../../files/durable-file.js';
import { MalformedDataError, unreadableFile } from '../../../files/storage-errors.js';
import { writeAll } from '../../../files/write-all.js';
import { itemText } from '../../building-blocks/entry-json/item-text.js';
import { StoreScanner } from '../../building-blocks/entry-json/store-scanner.js';
import type { FileChange } from './entry-file.js';

/**
 * Makes a commit of several files atomic: either its whole file is there, or it did not happen. Used under the lock.
 */
export class IntentLog {
  static readonly FILE = 'intent.json';
  readonly #folder: string;
  readonly #path: string;
  readonly #prepared: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, IntentLog.FILE);
    this.#prepared = `${this.#path}.tmp`;
  }

  /** Takes the room for a commit. If it rejects, nothing is left behind. */
  async prepare(changes: readonly FileChange[]): Promise<void> {
    await rm(this.#prepared, { force: true });
    await writeNewFile(this.#prepared, async (file) => {
      for (const [i, { key, entry }] of changes.entries()) {
        const item = entry === undefined ? `${JSON.stringify(key)}: null` : itemText(entry, true);
        await writeAll(file, Buffer.from(`${i === 0 ? '{\n' : ',\n'}${item}`));
      }
      await writeAll(file, Buffer.from('\n}\n'));
    });
  }

  /** The commit that was prepared: durable once it resolves. */
  async commit(): Promise<void> {
    await rename(this.#prepared, this.#path);
    await syncFolder(this.#folder);
  }

  /** Durable before anything else is committed, because the log would undo that after a crash. */
  async remove(): Promise<void> {
    await rm(this.#path);
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
}
