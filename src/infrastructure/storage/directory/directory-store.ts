import { type FSWatcher, watch } from 'node:fs';
import type { Logger } from '../../../application/ports/logger.js';
import type { Batch, Range, Store } from '../../../application/ports/store.js';
import type { Entry } from '../../../domain/entry.js';
import { AppError } from '../../../domain/errors.js';
import { diskError } from '../../files/disk-error.js';
import type { CommitGroup } from '../commit-group.js';
import { GroupCommit } from '../group-commit.js';
import { type FileChange, writeEntryFiles } from './entry-files.js';
import type { FolderIndex } from './folder-index.js';
import type { FolderLock } from './folder-lock.js';
import type { Intent } from './intent.js';
import type { RememberedDeletes } from './remembered-deletes.js';

/** How often all files are looked at, in ms, where the system does not tell of changes; and for what part of the time at most. */
const LOOK_EVERY = 500;
const LOOK_SHARE = 0.05;

/** How many files are written within the time of a commit, on a slow disk. */
const PACE = 1000;

/** Only read where there is none. */
export interface Writing {
  /** The folder for what is not done yet. */
  readonly own: string;
  readonly lock: FolderLock;
  readonly intent: Intent;
  readonly deletes: RememberedDeletes;
}

/** An open folder. */
export interface DirectoryState {
  readonly folder: string;
  readonly index: FolderIndex;
  readonly writing: Writing | undefined;
  /** In ms. */
  readonly commitTimeout: number;
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

  constructor(state: DirectoryState) {
    this.#state = state;
    this.#commits = new GroupCommit({
      file: state.folder,
      timeout: state.commitTimeout,
      pace: PACE,
      read: (key) => {
        state.index.refresh(key);
        return state.index.table.head(key);
      },
      write: (group) => this.#write(group),
      alone: (task) => this.#alone(task),
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
    return keys.length < 2 || this.#state.writing === undefined ? read() : this.#alone(async () => read());
  }

  scan(range: Range): Entry[] {
    return this.#index().table.scan(range);
  }

  expiring(before: number, limit: number): string[] {
    const { table } = this.#index();
    // Nobody could sweep them here.
    return this.#state.writing === undefined ? [] : table.expiring(before, limit);
  }

  size(): { keys: number; bytes: number } {
    return this.#index().table.size();
  }

  async commit(batch: Batch): Promise<boolean> {
    this.#index();
    if (this.#state.writing === undefined) throw new AppError('forbidden', `${this.#state.folder} is opened read-only`);
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
  #alone<T>(task: () => Promise<T>): Promise<T> {
    const { lock, intent } = this.#writing();
    return lock.run(async () => {
      try {
        const left = intent.read();
        if (left !== undefined) await this.#carryOut(left);
      } catch (error) {
        throw diskError(error, `${this.#state.folder}: what a commit began cannot be finished`);
      }
      return task();
    });
  }

  async #write(group: CommitGroup): Promise<void> {
    const changes = [...group.changes.values()].filter((it) => it.before !== undefined || it.entry !== undefined);
    if (changes.length === 0) return;
    const { own, intent, deletes } = this.#writing();
    const { index, folder } = this.#state;
    const removed = changes.filter(({ entry }) => entry === undefined).map(({ key }) => key);
    await index.whileWriting(changes, async () => {
      if (removed.length > 0) await deletes.note(removed).catch((error: unknown) => this.#forgotten(error));
      if (changes.length === 1) return writeEntryFiles(folder, own, changes);
      await intent.write(changes);
      await this.#carryOut(changes);
    });
  }

  /** A full disk must not keep anybody from deleting. */
  #forgotten(error: unknown): void {
    const { log, folder } = this.#state;
    log.warn({ folder, error }, 'a delete could not be noted for other programs');
  }

  async #carryOut(changes: readonly FileChange[]): Promise<void> {
    const { own, intent } = this.#writing();
    await writeEntryFiles(this.#state.folder, own, changes);
    await intent.remove();
  }

  #writing(): Writing {
    const { writing, folder } = this.#state;
    if (writing === undefined) throw new Error(`${folder} is opened read-only`);
    return writing;
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
    if (!this.#commits.hangs) await this.#state.writing?.lock.close();
  }
}
