import type { AppError } from '../../domain/errors.js';
import type { Awaitable } from '../awaitable.js';
import type { ExternalChange } from '../ports/external-changes.js';
import type { Batch, Range, Store } from '../ports/store.js';
import { isRefusal, RecoveryState } from './recovery-state.js';
import { rejectingStore } from './rejecting-store.js';
import { StoreInUse } from './store-in-use.js';

/** Receives every batch. */
export interface CommitListener {
  /** Called before the batch is committed; the commit waits. */
  before?(batch: Batch): Awaitable<void>;
  /** Called when the commit has ended, successful or not. */
  after?(batch: Batch): void;
}

/** A store that stays open until `release`, even if it is swapped out meanwhile. */
export interface PinnedStore {
  readonly store: Store;
  readonly isCurrent: () => boolean;
  readonly release: () => void;
}

/** Passes everything to another store, which can be swapped while in use: commits wait for a moment, reads never do. */
export class SwappableStore implements Store {
  readonly #listeners = new Set<CommitListener>();
  readonly #recovery = new RecoveryState();
  readonly #onFailure: (error: unknown) => void;
  #current: StoreInUse;
  /** Called after the store was swapped. */
  onSwap: () => void = () => undefined;
  #commits = 0;
  #onNoCommit: (() => void) | undefined;
  #gate: Promise<void> | undefined;

  /**
   * `onFailure` is called with the first commit whose outcome is unknown; the store then counts as failed until it is
   * swapped.
   */
  constructor(inner: Store, onFailure: (error: unknown) => void = () => undefined) {
    this.#current = new StoreInUse(inner);
    this.#onFailure = onFailure;
  }

  get(key: string) {
    return this.#current.get(key);
  }

  getMany(keys: readonly string[]) {
    return this.#current.read((store) => store.getMany(keys));
  }

  scan(range: Range) {
    return this.#current.read((store) => store.scan(range));
  }

  scanHeads(range: Omit<Range, 'bytes'>) {
    return this.#current.read((store) => store.scanHeads(range));
  }

  expiring(before: number, limit: number) {
    return this.#current.read((store) => store.expiring(before, limit));
  }

  size() {
    return this.#current.read((store) => store.size());
  }

  unreadable(): readonly string[] {
    return this.#current.store.unreadable();
  }

  get commitLog() {
    return this.#current.store.commitLog;
  }

  get readView() {
    return this.#current.store.readView;
  }

  commit(batch: Batch): Awaitable<boolean> {
    return this.#gate === undefined ? this.commitQuiesced(batch) : this.#commitLater(batch);
  }

  close(): Awaitable<void> {
    return this.#current.store.close();
  }

  /** Commits inside `quiesce`. Synchronous if the store is. */
  commitQuiesced(batch: Batch): Awaitable<boolean> {
    this.#commits += 1;
    if (this.#listeners.size > 0) return this.#commitWithListeners(batch);
    try {
      const committed = this.#current.store.commit(batch);
      if (committed instanceof Promise) return committed.then(this.#whenCommitted, this.#whenFailed);
      this.#commitEnded();
      return committed;
    } catch (error) {
      return this.#whenFailed(error);
    }
  }

  /** Refuses every call from now on with that error, which must be a refusal. Calls that run already still end. */
  rejectAll(reason: AppError): void {
    this.swap(rejectingStore(reason, this.#current.store));
  }

  /** Like `rejectAll`, for an intact store that must not be written to before it is opened again. */
  fail(reason: AppError): void {
    this.rejectAll(reason);
    this.#fail(reason);
  }

  /** Runs the task while no commit runs; commits that arrive meanwhile wait until it ends. One task at a time. */
  async quiesce<T>(task: () => Promise<T>): Promise<T> {
    while (this.#gate !== undefined) await this.#gate;
    let open: () => void = () => undefined;
    this.#gate = new Promise((resolve) => {
      open = resolve;
    });
    try {
      if (this.#commits > 0) {
        await new Promise<void>((resolve) => {
          this.#onNoCommit = resolve;
        });
      }
      return await task();
    } finally {
      this.#onNoCommit = undefined;
      this.#gate = undefined;
      open();
    }
  }

  /** Adds a listener for every commit from now on, none of which has begun. Returns a function that removes it. */
  addListener(listener: CommitListener): Promise<() => void> {
    return this.quiesce(async () => this.addListenerQuiesced(listener));
  }

  /** Like `addListener`, called inside `quiesce` or before the first commit. */
  addListenerQuiesced(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reports the changes of other programs to the listeners. */
  notifyExternalChanges(changes: readonly ExternalChange[]): void {
    const put = changes.flatMap(({ entry }) => entry ?? []);
    const remove = changes.flatMap(({ key, entry }) => (entry === undefined ? [key] : []));
    for (const listener of this.#listeners) {
      Promise.resolve(listener.before?.({ put, remove })).catch(() => undefined);
      listener.after?.({ put, remove });
    }
  }

  /**
   * Replaces the store, inside `quiesce`. `idle` resolves when the last read of the previous store has ended: close it
   * then.
   */
  swap(next: Store): { readonly before: Store; readonly idle: Promise<void> } {
    const before = this.#current;
    this.#current = new StoreInUse(next);
    this.#recovery.end();
    this.onSwap();
    return { before: before.store, idle: before.whenIdle() };
  }

  /** Keeps the current store open until it is released. */
  pin(): PinnedStore {
    const pinned = this.#current;
    return { store: pinned.store, isCurrent: () => this.#current === pinned, release: pinned.retain() };
  }

  /** Resolves when reads return what is on disk: at once, or after a failed store was swapped. */
  whenRecovered(): Promise<void> {
    return this.#recovery.recovered;
  }

  async #commitLater(batch: Batch): Promise<boolean> {
    while (this.#gate !== undefined) await this.#recovery.waitFor(this.#gate);
    return this.commitQuiesced(batch);
  }

  async #commitWithListeners(batch: Batch): Promise<boolean> {
    try {
      for (const listener of this.#listeners) await listener.before?.(batch);
      return await this.#current.store.commit(batch);
    } catch (error) {
      this.#fail(error);
      throw error;
    } finally {
      for (const listener of this.#listeners) listener.after?.(batch);
      this.#commitEnded();
    }
  }

  readonly #whenCommitted = (committed: boolean): boolean => {
    this.#commitEnded();
    return committed;
  };

  readonly #whenFailed = (error: unknown): never => {
    this.#fail(error);
    this.#commitEnded();
    throw error;
  };

  #commitEnded(): void {
    this.#commits -= 1;
    if (this.#commits === 0) this.#onNoCommit?.();
  }

  #fail(error: unknown): void {
    if (!isRefusal(error) && this.#recovery.begin()) this.#onFailure(error);
  }
}
