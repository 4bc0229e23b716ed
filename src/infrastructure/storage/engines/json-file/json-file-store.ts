import type { Batch, Range, Store } from '../../../../application/ports/store.js';
import type { Entry, EntryHead } from '../../../../domain/entry.js';
import { AppError } from '../../../../domain/errors.js';
import { GroupCommit } from '../../building-blocks/group-commit.js';
import { encodeChanges } from '../../building-blocks/journal/change-frame.js';
import { journalRoom } from '../../building-blocks/journal/journal-room.js';
import type { OrderedTable } from '../../building-blocks/ordered-table.js';
import type { WriteGroup } from '../../building-blocks/write-group.js';
import { Fold, type FoldedFiles } from './fold.js';
import { applyChanges } from './open-files.js';

/** A store as read from the disk, and how it is written. */
export interface JsonFileState extends FoldedFiles {
  /** May change. The journal is folded into the file if it is larger than `journal_bytes` and larger than the file. */
  readonly options: { readonly journal_bytes: number; readonly commit_timeout: number };
}

/**
 * A project in one JSON file and a journal of what was committed since; all of it is in memory, too.
 *
 * A group of batches is written as a frame of the journal, then applied to the table. To fold, the file is replaced by
 * an image of the table, which is made piece by piece while commits run; then the frames that were there when it began
 * are released. Opening reads the file, then the journal. A frame gives the new state of its keys, whatever they were
 * before, and none is missing after the first that is not released. So after every crash the last frame about each key
 * is right: whether the file was replaced or not, and whether the frames were released or not.
 */
export class JsonFileStore implements Store {
  readonly #state: JsonFileState;
  readonly #commits: GroupCommit;
  readonly #fold: Fold;
  #closing: Promise<void> | undefined;

  constructor(state: JsonFileState) {
    this.#state = state;
    this.#fold = new Fold(state);
    this.#commits = new GroupCommit({
      file: state.file,
      get timeout() {
        return state.options.commit_timeout * 1000;
      },
      read: (key) => state.table.header(key),
      write: (group) => this.#write(group),
      room: journalRoom(state.journal),
    });
    this.#fold.startAbove(state.options.journal_bytes);
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
    const frame = encodeChanges(changes);
    if (!journal.isInPlace) await this.#rewriteFile(frame);
    this.#fold.startAbove(options.journal_bytes);
    await journal.append(frame);
    applyChanges(table, changes);
  }

  /** What was in the journal is in memory: all of it goes into the file, and there is room for the next frame. */
  async #rewriteFile(frame: readonly Buffer[]): Promise<void> {
    const { file, journal, log } = this.#state;
    log.warn({ file }, 'its journal was taken away or changed by another program; the file is rewritten from memory');
    await this.#fold.writeFile();
    await journal.restart();
    await journal.reserve(
      frame.reduce((sum, part) => sum + part.length, 0),
      'remove',
    );
  }

  /** Leaves one complete file and no journal, for people to read and edit. */
  async #close(): Promise<void> {
    const { file, journal, log } = this.#state;
    await this.#commits.idle();
    await this.#fold.stop();
    if (this.#commits.hangs) return journal.abandon();
    if (this.#commits.failure === undefined && journal.bytes > 0) {
      try {
        await this.#fold.writeFile();
        await journal.release(journal.lastSequence);
      } catch (error) {
        log.warn({ file, error }, 'a journal could not be folded into its file; it stays beside it');
      }
    }
    await journal.close();
  }
}
