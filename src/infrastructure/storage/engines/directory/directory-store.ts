import { type FSWatcher, watch } from 'node:fs';
import type { Logger } from '../../../../application/ports/logger.js';
import type { Batch, Range, Store } from '../../../../application/ports/store.js';
import type { Entry, EntryHead } from '../../../../domain/entry.js';
import { AppError } from '../../../../domain/errors.js';
import { diskError } from '../../../files/storage-errors.js';
import { GroupCommit } from '../../building-blocks/group-commit.js';
import type { WriteGroup } from '../../building-blocks/write-group.js';
import type { FolderIndex } from './folder-index.js';
import type { FolderWriter } from './folder-writer.js';

/**
 * All files are checked so often, in ms, if the system reports no changes, but in no more than this share of the time.
 */
const POLL_INTERVAL = 500;
const POLL_SHARE = 0.05;

/** How many files a slow disk writes within the timeout of a commit. */
const FILES_PER_TIMEOUT = 1000;

/** An open folder. */
export interface DirectoryState {
  readonly folder: string;
  readonly index: FolderIndex;
  /** May change. */
  readonly options: { readonly read_only: boolean; readonly commit_timeout: number };
  /** Finishes what a dead process committed. After that this process may write. */
  openWriter(): Promise<FolderWriter>;
  readonly log: Logger;
}

/**
 * One file for each entry, in a folder that other processes may read and write as well. The content of the files is in
 * memory, too, and is checked again before it is returned or written. Changes by others are found by watching the
 * folder and by checking all files now and then.
 */
export class DirectoryStore implements Store {
  readonly #state: DirectoryState;
  readonly #commits: GroupCommit;
  readonly #watcher: FSWatcher | undefined;
  #pollTimer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  #writer: Promise<FolderWriter> | undefined;

  /** `writer` if the folder may be written from the beginning. */
  constructor(state: DirectoryState, writer: FolderWriter | undefined) {
    this.#state = state;
    this.#writer = writer && Promise.resolve(writer);
    this.#commits = new GroupCommit({
      file: state.folder,
      get timeout() {
        return state.options.commit_timeout * 1000;
      },
      entriesPerTimeout: FILES_PER_TIMEOUT,
      read: (key) => {
        state.index.refresh(key);
        return state.index.table.header(key);
      },
      write: (group) => this.#write(group),
      exclusive: (task) => this.#exclusive(task),
    });
    this.#watcher = this.#watch();
    this.#schedulePoll(0);
  }

  get(key: string): Entry | undefined {
    return this.#index().get(key);
  }

  async getMany(keys: readonly string[]): Promise<(Entry | undefined)[]> {
    const index = this.#index();
    const read = () => keys.map((key) => index.get(key));
    // The lock keeps out the commits of other processes, half of which the files would show otherwise.
    return keys.length < 2 || this.#state.options.read_only ? read() : this.#exclusive(async () => read());
  }

  scan(range: Range): Entry[] {
    return this.#index().table.scan(range);
  }

  scanHeads(range: Omit<Range, 'bytes'>): EntryHead[] {
    return this.#index().table.scanHeads(range);
  }

  expiring(before: number, limit: number): string[] {
    const { table } = this.#index();
    // They cannot be swept from here.
    return this.#state.options.read_only ? [] : table.expiring(before, limit);
  }

  size(): { keys: number; bytes: number } {
    return this.#index().table.size();
  }

  unreadable(): string[] {
    return this.#index().problems();
  }

  async commit(batch: Batch): Promise<boolean> {
    this.#index();
    if (this.#state.options.read_only)
      throw new AppError('forbidden', 'This project is opened read-only (storage.options.read_only)');
    return this.#commits.commit(batch);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #index(): FolderIndex {
    if (this.#closing !== undefined) throw new AppError('unavailable', `${this.#state.folder} is closed`);
    return this.#state.index;
  }

  async #exclusive<T>(task: () => Promise<T>): Promise<T> {
    return (await this.#openWriter()).exclusive(task);
  }

  async #write(group: WriteGroup): Promise<void> {
    const changes = [...group.changes.values()].filter((it) => it.before !== undefined || it.entry !== undefined);
    if (changes.length === 0) return;
    const writer = await this.#openWriter();
    await this.#state.index.whileWriting(changes, () => writer.write(changes));
  }

  /** Opened by the first write, if the folder was opened to be read only and may be written now. */
  #openWriter(): Promise<FolderWriter> {
    this.#writer ??= this.#state.openWriter().catch((error: unknown) => {
      this.#writer = undefined;
      throw diskError(error, `${this.#state.folder} cannot be written`);
    });
    return this.#writer;
  }

  /** Undefined if the system can watch no more, or not this folder: changes are then found by the polls alone. */
  #watch(): FSWatcher | undefined {
    const { folder, log } = this.#state;
    const warn = (error: Error) =>
      log.warn(
        { folder, reason: error.message },
        `${folder} cannot be watched: changes by others are seen a bit later`,
      );
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => name !== null && this.#refreshFile(name));
      return watcher.on('error', warn);
    } catch (error) {
      warn(error as Error);
      return undefined;
    }
  }

  #refreshFile(name: string): void {
    if (this.#closing === undefined) this.#state.index.refreshFile(name);
  }

  /** `took` is how long the last poll took, in ms. */
  #schedulePoll(took: number): void {
    if (this.#closing !== undefined) return;
    this.#pollTimer = setTimeout(() => void this.#poll(), Math.max(POLL_INTERVAL, took / POLL_SHARE)).unref();
  }

  async #poll(): Promise<void> {
    const began = performance.now();
    const { index, folder, log } = this.#state;
    await index.refreshAll().catch((error: unknown) => log.warn({ folder, error }, 'a folder cannot be looked at'));
    this.#schedulePoll(performance.now() - began);
  }

  async #close(): Promise<void> {
    clearTimeout(this.#pollTimer);
    this.#watcher?.close();
    await this.#commits.idle();
    if (!this.#commits.hangs) await this.#writer?.then((writer) => writer.close());
  }
}
