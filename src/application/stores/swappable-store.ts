import type { AppError } from '../../domain/errors.js';
import type { Awaitable } from '../awaitable.js';
import type { ExternalChange } from '../ports/external-changes.js';
import type { Batch, Range, Store } from '../ports/store.js';
import { isRefusal, RecoveryState } from './recovery-state.js';
import { RejectingStore } from './rejecting-store.js';

/** Told of every batch. */
export interface CommitListener {
  /** Before it is committed; the commit waits. */
  before?(batch: Batch): Awaitable<void>;
  /** When its commit has ended, however it did. */
  after?(batch: Batch): void;
}

/** One store with the reads that it has not answered yet. */
interface PinnedStore {
  readonly store: Store;
  reads: number;
  onIdle: (() => void) | undefined;
}

/** Hands everything to another store, which can be exchanged while in use: commits wait for a moment, reads never do. */
export class SwappableStore implements Store {
  readonly #watchers = new Set<CommitListener>();
  #held: PinnedStore;
  #commits = 0;
  #onStill: (() => void) | undefined;
  #gate: Promise<void> | undefined;
  readonly #mending = new RecoveryState();
  readonly #onFailure: (error: unknown) => void;

  /** `onFailure` hears of the first commit whose outcome is unknown; the store then counts as failed until it is exchanged. */
  constructor(inner: Store, onFailure: (error: unknown) => void = () => undefined) {
    this.#held = { store: inner, reads: 0, onIdle: undefined };
    this.#onFailure = onFailure;
  }

  get(key: string) {
    return this.#read((store) => store.get(key));
  }

  getMany(keys: readonly string[]) {
    return this.#read((store) => store.getMany(keys));
  }

  scan(range: Range) {
    return this.#read((store) => store.scan(range));
  }

  expiring(before: number, limit: number) {
    return this.#read((store) => store.expiring(before, limit));
  }

  size() {
    return this.#read((store) => store.size());
  }

  commit(batch: Batch): Awaitable<boolean> {
    return this.#gate === undefined ? this.commitQuiesced(batch) : this.#commitLater(batch);
  }

  async #commitLater(batch: Batch): Promise<boolean> {
    while (this.#gate !== undefined) await this.#mending.waitFor(this.#gate);
    return this.commitQuiesced(batch);
  }

  /** The same for who holds the others up: within `still`. At once where the store commits at once. */
  commitQuiesced(batch: Batch): Awaitable<boolean> {
    this.#commits += 1;
    if (this.#watchers.size > 0) return this.#commitWatched(batch);
    try {
      const committed = this.#held.store.commit(batch);
      if (committed instanceof Promise) return committed.then(this.#whenCommitted, this.#whenFailed);
      this.#ended();
      return committed;
    } catch (error) {
      return this.#whenFailed(error);
    }
  }

  async #commitWatched(batch: Batch): Promise<boolean> {
    try {
      for (const watcher of this.#watchers) await watcher.before?.(batch);
      return await this.#held.store.commit(batch);
    } catch (error) {
      this.#fail(error);
      throw error;
    } finally {
      for (const watcher of this.#watchers) watcher.after?.(batch);
      this.#ended();
    }
  }

  readonly #whenCommitted = (committed: boolean): boolean => {
    this.#ended();
    return committed;
  };

  readonly #whenFailed = (error: unknown): never => {
    this.#fail(error);
    this.#ended();
    throw error;
  };

  #ended(): void {
    this.#commits -= 1;
    if (this.#commits === 0) this.#onStill?.();
  }

  unreadable(): readonly string[] {
    return this.#held.store.unreadable?.() ?? [];
  }

  close(): Awaitable<void> {
    return this.#held.store.close();
  }

  /** From now on everything is refused with that error, a refusal; what was begun before still ends. */
  rejectAll(reason: AppError): void {
    this.swap(new RejectingStore(reason, this.#held.store));
  }

  /** The same for a store that is sound, but must not be written to before it was opened again. */
  fail(reason: AppError): void {
    this.rejectAll(reason);
    this.#fail(reason);
  }

  /** Runs the task while no commit is under way; those that come meanwhile wait for its end. One task at a time. */
  async quiesce<T>(task: () => Promise<T>): Promise<T> {
    while (this.#gate !== undefined) await this.#gate;
    let open: () => void = () => undefined;
    this.#gate = new Promise((resolve) => {
      open = resolve;
    });
    try {
      if (this.#commits > 0) {
        await new Promise<void>((resolve) => {
          this.#onStill = resolve;
        });
      }
      return await task();
    } finally {
      this.#onStill = undefined;
      this.#gate = undefined;
      open();
    }
  }

  /** Tells the watcher of every commit from now on, none of which has begun; answers how to stop that. */
  addListener(watcher: CommitListener): Promise<() => void> {
    return this.quiesce(async () => this.addListenerQuiesced(watcher));
  }

  /** The same, within `still` or before the first commit. */
  addListenerQuiesced(watcher: CommitListener): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Tells the watchers of commits what others did to the store. */
  notifyExternalChanges(changes: readonly ExternalChange[]): void {
    const put = changes.flatMap(({ entry }) => entry ?? []);
    const remove = changes.flatMap(({ key, entry }) => (entry === undefined ? [key] : []));
    for (const watcher of this.#watchers) {
      Promise.resolve(watcher.before?.({ put, remove })).catch(() => undefined);
      watcher.after?.({ put, remove });
    }
  }

  /** Puts another store in place, within `still`. Resolves when the one before has answered its last read and can be closed. */
  swap(next: Store): { readonly before: Store; readonly idle: Promise<void> } {
    const before = this.#held;
    this.#held = { store: next, reads: 0, onIdle: undefined };
    this.#mending.end();
    const idle = new Promise<void>((resolve) => {
      if (before.reads === 0) resolve();
      else before.onIdle = resolve;
    });
    return { before: before.store, idle };
  }

  /** The present store, not closed before `release`, whatever is put in its place meanwhile. */
  pin(): { readonly store: Store; readonly isCurrent: () => boolean; readonly release: () => void } {
    const held = this.#held;
    held.reads += 1;
    let release = () => {
      release = () => undefined;
      held.reads -= 1;
      if (held.reads === 0) held.onIdle?.();
    };
    return { store: held.store, isCurrent: () => this.#held === held, release: () => release() };
  }

  /** Resolves when what reads tell is what the disk holds: at once, or when a store that failed was exchanged. */
  whenRecovered(): Promise<void> {
    return this.#mending.recovered;
  }

  #fail(error: unknown): void {
    if (!isRefusal(error) && this.#mending.begin()) this.#onFailure(error);
  }

  #read<T>(ask: (store: Store) => Awaitable<T>): Awaitable<T> {
    const held = this.#held;
    const answer = ask(held.store);
    if (!(answer instanceof Promise)) return answer;
    held.reads += 1;
    return answer.finally(() => {
      held.reads -= 1;
      if (held.reads === 0) held.onIdle?.();
    });
  }
}
