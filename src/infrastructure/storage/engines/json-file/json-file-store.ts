import type { Logger } from '../../../../application/ports/logger.js';
import type { Batch, Range, Store } from '../../../../application/ports/store.js';
import type { Entry, EntryHead } from '../../../../domain/entry.js';
import { AppError } from '../../../../domain/errors.js';
import { GroupCommit } from '../../building-blocks/group-commit.js';
import type { OrderedTable } from '../../building-blocks/ordered-table.js';
import type { WriteGroup } from '../../building-blocks/write-group.js';
import { writeDataFile } from './data-file.js';
import type { Journal } from './journal.js';
import { journalLine } from './journal-line.js';

/** A store as read from the disk, and how it is written. */
export interface JsonFileState {
  readonly file: string;
  readonly fileBytes: number;
  readonly table: OrderedTable;
  readonly journal: Journal;
  readonly log: Logger;
  /**
   * May change. The journal is folded into the file when it is larger than `journal_bytes` and larger than the file.
   */
  readonly options: { readonly journal_bytes: number; readonly commit_timeout: number };
}

/**
 * A project in one JSON file and a journal of what was committed since; all of it is in memory, too.
 *
 * A group of batches is written as a line of the journal, then applied to the table. To fold, the journal becomes the
 * old one, a new one is begun, and the file is replaced by an image of the table, which is made piece by piece while
 * commits run. The image holds all of the old journal and any part of the new one. Then the old one is removed. Opening
 * reads the file, the old journal and the journal, in this order. A line gives the new state of its keys, whatever they
 * were before, so that after every crash the last line about each key is right: the file was replaced or not, the old
 * journal is there or not, and no journal is removed before the file that holds it is durable, nor a later one before
 * an earlier.
 */
export class JsonFileStore implements Store {
  readonly #state: JsonFileState;
  readonly #commits: GroupCommit;
  #fileBytes: number;
  /** Its size when the journal was last folded, or when that failed; it is folded again after it has grown enough. */
  #bytesAtFold = 0;
  #folding: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(state: JsonFileState) {
    this.#state = state;
    this.#fileBytes = state.fileBytes;
    this.#commits = new GroupCommit({
      file: state.file,
      get timeout() {
        return state.options.commit_timeout * 1000;
      },
      read: (key) => state.table.header(key),
      write: (group) => this.#write(group),
    });
    this.#planFold();
    if (state.journal.hasOld) this.#startFold();
  }

  get(key: string): Entry | undefined {
    return this.#table().get(key);
  }

  getMany(keys: readonly string[]): (Entry | undefined)[] {
    const table = this.#table();
    return keys.map((key) => table.get(key));
  }

  scan(range: Range): Entry[] {
    return this.#table().scan(range);
  }

  scanHeads(range: Omit<Range, 'bytes'>): EntryHead[] {
    return this.#table().scanHeads(range);
  }

  expiring(before: number, limit: number): string[] {
    return this.#table().expiring(before, limit);
  }

  size(): { keys: number; bytes: number } {
    return this.#table().size();
  }

  unreadable(): readonly string[] {
    this.#table();
    return [];
  }

  commit(batch: Batch): Promise<boolean> {
    return this.#closing === undefined ? this.#commits.commit(batch) : Promise.reject(this.#closed());
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #table(): OrderedTable {
    if (this.#closing !== undefined) throw this.#closed();
    return this.#state.table;
  }

  #closed(): AppError {
    return new AppError('unavailable', `${this.#state.file} is closed`);
  }

  async #write(group: WriteGroup): Promise<void> {
    const changes = [...group.changes.values()].filter((it) => it.before !== undefined || it.entry !== undefined);
    if (changes.length === 0) return;
    const { journal, table, options } = this.#state;
    if (!journal.isInPlace) await this.#rewriteFile();
    const foldAbove = this.#bytesAtFold + Math.max(options.journal_bytes, this.#fileBytes);
    if (journal.bytes > foldAbove && this.#folding === undefined) {
      if (!journal.hasOld) await journal.rotate();
      this.#startFold();
    }
    await journal.append(journalLine(changes));
    const put = changes.flatMap(({ entry }) => (entry === undefined ? [] : [entry]));
    const remove = changes.flatMap(({ key, entry }) => (entry === undefined ? [key] : []));
    table.apply({ put, remove });
  }

  /** What was in the journal is in memory: all of it goes into the file. */
  async #rewriteFile(): Promise<void> {
    const { file, table, journal, log } = this.#state;
    log.warn({ file }, 'its journal was taken away or changed by another program; the file is rewritten from memory');
    await this.#folding;
    this.#fileBytes = await writeDataFile(file, table);
    await journal.removeAll();
    this.#planFold();
  }

  #startFold(): void {
    this.#folding = this.#fold().finally(() => {
      this.#folding = undefined;
    });
  }

  /**
   * Makes the file hold all of the old journal. A failure does no harm: both journals stay, and it is tried again
   * later.
   */
  async #fold(): Promise<void> {
    const { file, table, journal, log } = this.#state;
    try {
      this.#fileBytes = await writeDataFile(file, table);
      await journal.removeOld();
    } catch (error) {
      log.warn({ file, error }, 'a journal could not be folded into its file; it stays beside it');
    }
    this.#planFold();
  }

  #planFold(): void {
    const { journal } = this.#state;
    // If the last one failed, as much again must be written before the next.
    this.#bytesAtFold = journal.hasOld ? journal.bytes : 0;
  }

  /** Leaves one complete file and no journal, for people to read and edit. */
  async #close(): Promise<void> {
    const { file, table, journal, log } = this.#state;
    await this.#commits.idle();
    await this.#folding;
    if (this.#commits.hangs) return;
    if (this.#commits.failure !== undefined || (journal.bytes === 0 && !journal.hasOld)) return journal.close();
    try {
      await writeDataFile(file, table);
      await journal.removeAll();
    } catch (error) {
      log.warn({ file, error }, 'a journal could not be folded into its file; it stays beside it');
      await journal.close();
    }
  }
}
