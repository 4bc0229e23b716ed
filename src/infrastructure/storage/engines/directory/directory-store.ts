import { type FSWatcher, watch } from 'node:fs';
import type { Logger } from '../../../../application/ports/logger.js';
import type { Batch, Range, Store } from '../../../../application/ports/store.js';
import type { Entry } from '../../../../domain/entry.js';
import { AppError } from '../../../../domain/errors.js';
import { diskError } from '../../../files/disk-error.js';
import { GroupCommit } from '../../building-blocks/group-commit.js';
import type { WriteGroup } from '../../building-blocks/write-group.js';
import { type FileChange, writeEntryFiles } from './entry-files.js';
import type { FolderIndex } from './folder-index.js';
import type { FolderLock } from './folder-lock.js';
import type { IntentLog } from './intent-log.js';
import type { Tombstones } from './tombstones.js';

/** How often all files are looked at, in ms, where the system does not tell of changes; and for what part of the time at most. */
const LOOK_EVERY = 500;
const LOOK_SHARE = 0.05;

/** How many files are written within the time of a commit, on a slow disk. */
const PACE = 1000;

/** What it takes to write. */
export interface Writing {
  /** The folder for what is not done yet. */
  readonly own: string;
  readonly lock: FolderLock;
  readonly intent: IntentLog;
  readonly deletes: Tombstones;
}

/** An open folder. */
export interface DirectoryState {
  readonly folder: string;
  readonly index: FolderIndex;
  /** May change meanwhile. */
  readonly options: { readonly read_only: boolean; readonly commit_timeout: number };
  /** Finishes what a process that died had begun to write; from then on this one may write. */
  begin(): Promise<Writing>;
  readonly log: Logger;
}

/**
 * One file for each entry in a folder that other processes may read and write as well. What a file holds is in memory, too, and
 * is looked at again before it is given or written; others' files are found by notice of the system and by going through all.
 */
export class DirectoryStore implements Store {
  readonly #state: DirectoryState;
  readonly #commits: GroupCommit;
  readonly #watcher: FSWatcher;
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  #writing: Promise<Writing> | undefined;

  /** `writing` is there where it was begun. */
  constructor(state: DirectoryState, writing: Writing | undefined) {
    this.#state = state;
    this.#writing = writing && Promise.resolve(writing);
    this.#commits = new GroupCommit({
      file: state.folder,
      get timeout() {
        return state.options.commit_timeout * 1000;
      },
      pace: PACE,
      read: (key) => {
        state.index.refresh(key);
        return state.index.table.head(key);
      },
      write: (group) => this.#write(group),
      exclusive: (task) => this.#alone(task),
    });
    this.#watcher = watch(state.folder, { persistent: false }, (_, name) => name !== null && this.#notice(name));
    this.#watcher.on('error', (error) => state.log.warn({ folder: state.folder, error }, 'changes are seen later'));
    this.#lookLater(0);
  }

  get(key: string): Entry | undefined {
    return this.#index().get(key);
  }

  async getMany(keys: readonly string[]): Promise<(Entry | undefined)[]> {
    const index = this.#index();
    const read = () => keys.map((key) => index.get(key));
    // The lock keeps out the commits of other processes, of which the files would show a half.
    return keys.length < 2 || this.#state.options.read_only ? read() : this.#alone(async () => read());
  }

  scan(range: Range): Entry[] {
    return this.#index().table.scan(range);
  }

  expiring(before: number, limit: number): string[] {
    const { table } = this.#index();
    // Nobody could sweep them here.
    return this.#state.options.read_only ? [] : table.expiring(before, limit);
  }

  size(): { keys: number; bytes: number } {
    return this.#index().table.size();
  }

  async commit(batch: Batch): Promise<boolean> {
    this.#index();
    if (this.#state.options.read_only) throw new AppError('forbidden', `${this.#state.folder} is opened read-only`);
    return this.#commits.commit(batch);
  }

  unreadable(): string[] {
    return this.#index().problems();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #index(): FolderIndex {
    if (this.#closing !== undefined) throw new AppError('unavailable', `${this.#state.folder} is closed`);
    return this.#state.index;
  }

  /** Under the lock, after what a dead process had begun to write is finished. */
  async #alone<T>(task: () => Promise<T>): Promise<T> {
    const writing = await this.#begun();
    const { lock, intent } = writing;
    return lock.run(async () => {
      try {
        const left = intent.read();
        if (left !== undefined) await this.#carryOut(writing, left);
      } catch (error) {
        throw diskError(error, `${this.#state.folder}: what a commit began cannot be finished`);
      }
      return task();
    });
  }

  async #write(group: WriteGroup): Promise<void> {
    const changes = [...group.changes.values()].filter((it) => it.before !== undefined || it.entry !== undefined);
    if (changes.length === 0) return;
    const writing = await this.#begun();
    const { own, intent, deletes } = writing;
    const { index, folder } = this.#state;
    const removed = changes.filter(({ entry }) => entry === undefined).map(({ key }) => key);
    await index.whileWriting(changes, async () => {
      if (removed.length > 0) await deletes.record(removed).catch((error: unknown) => this.#forgotten(error));
      if (changes.length === 1) return writeEntryFiles(folder, own, changes);
      await intent.write(changes);
      await this.#carryOut(writing, changes);
    });
  }

  /** A full disk must not keep anybody from deleting. */
  #forgotten(error: unknown): void {
    const { log, folder } = this.#state;
    log.warn({ folder, error }, 'a delete could not be noted for other programs');
  }

  async #carryOut({ own, intent }: Writing, changes: readonly FileChange[]): Promise<void> {
    await writeEntryFiles(this.#state.folder, own, changes);
    await intent.remove();
  }

  /** Where it was opened to be read only and may be written now, the first write begins that. */
  #begun(): Promise<Writing> {
    this.#writing ??= this.#state.begin().catch((error: unknown) => {
      this.#writing = undefined;
      throw diskError(error, `${this.#state.folder} cannot be written`);
    });
    return this.#writing;
  }

  #notice(name: string): void {
    if (this.#closing === undefined) this.#state.index.touch(name);
  }

  #lookLater(took: number): void {
    if (this.#closing !== undefined) return;
    this.#timer = setTimeout(() => void this.#lookAtAll(), Math.max(LOOK_EVERY, took / LOOK_SHARE)).unref();
  }

  async #lookAtAll(): Promise<void> {
    const began = performance.now();
    const { index, folder, log } = this.#state;
    await index.refreshAll().catch((error: unknown) => log.warn({ folder, error }, 'a folder cannot be looked at'));
    this.#lookLater(performance.now() - began);
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#watcher.close();
    await this.#commits.idle();
    if (!this.#commits.hangs) await this.#writing?.then(({ lock }) => lock.close());
  }
}
