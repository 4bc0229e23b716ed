import type { Awaitable } from '../../../../../application/awaitable.js';
import { CommitRefusedError } from '../../../../../domain/errors.js';
import { corruptFile } from '../../../../files/storage-errors.js';
import type { EntryHeader } from '../../../building-blocks/write-group.js';
import type { Environment } from '../environment/environment.js';
import type { MergedEntries } from './merged-entries.js';

/** Reads entries while LMDB may be opened again. Every failure names the file and the cure. */
export class EntryReader {
  constructor(
    private readonly env: Environment,
    private readonly entries: MergedEntries,
    /** Resolves when LMDB can be read. Rejects with a refusal if it could not be opened again for now. */
    private readonly readable: () => Promise<void>,
  ) {}

  /**
   * Runs a read, which must be synchronous: lmdb keeps one snapshot for all reads of a turn of the event loop. It waits
   * only while LMDB is opened again.
   */
  read<T>(read: (entries: MergedEntries) => T): Awaitable<T> {
    if (!this.env.isReadable) return this.#readLater(read);
    try {
      return read(this.entries);
    } catch (error) {
      if (!this.env.staysReadable(error)) return this.#readLater(read);
      throw corruptFile(this.env.file, error);
    }
  }

  /** What is stored of a key that is to be written; throws a refusal while LMDB is opened again. */
  header(key: string): EntryHeader | undefined {
    try {
      if (this.env.isReadable) return this.entries.header(key);
    } catch (error) {
      if (this.env.staysReadable(error)) throw corruptFile(this.env.file, error);
    }
    throw new CommitRefusedError(`${this.env.file} is being opened again`);
  }

  async #readLater<T>(read: (entries: MergedEntries) => T): Promise<T> {
    await this.readable();
    return this.read(read);
  }
}
