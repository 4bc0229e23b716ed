import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile, syncFolder } from '../../../files/durable-file.js';
import { writeAll } from '../../../files/write-all.js';
import { itemText } from '../../building-blocks/entry-json/item-text.js';
import { StoreScanner } from '../../building-blocks/entry-json/store-scanner.js';
import { MalformedDataError, unreadable } from '../../building-blocks/storage-errors.js';
import type { FileChange } from './entry-files.js';

/** What several entries become at one moment: the file is there, whole, or the commit did not happen. Used under the lock. */
export class IntentLog {
  static readonly FILE = 'intent.json';
  readonly #folder: string;
  readonly #path: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, IntentLog.FILE);
  }

  /** The commit: durable once it resolves. */
  async write(changes: readonly FileChange[]): Promise<void> {
    await replaceFile(this.#path, async (file) => {
      for (const [i, { key, entry }] of changes.entries()) {
        const item = entry === undefined ? `${JSON.stringify(key)}: null` : itemText(entry, true);
        await writeAll(file, Buffer.from(`${i === 0 ? '{\n' : ',\n'}${item}`));
      }
      await writeAll(file, Buffer.from('\n}\n'));
    });
  }

  /** Must be durable before anything else is committed, which it would undo after a crash. */
  async remove(): Promise<void> {
    await rm(this.#path);
    await syncFolder(this.#folder);
  }

  /** What a process that died had committed and not carried out; undefined as a rule. Throws `unavailable`. */
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
      const taken = scanner.scan(bytes);
      if (taken < bytes.length || !scanner.ended) throw new MalformedDataError('is cut off', taken);
    } catch (error) {
      if (error instanceof MalformedDataError) throw unreadable(this.#path, `${error.why}, at byte ${error.at}`);
      throw error;
    }
    return changes;
  }
}
