import type { Awaitable } from '../../../application/awaitable.js';
import type { ExternalChangeListener } from '../../../application/ports/external-changes.js';
import type { Batch, Range, Store } from '../../../application/ports/store.js';
import { isRefusal } from '../../../application/stores/recovery-state.js';
import type { Entry, EntryHead } from '../../../domain/entry.js';
import { AppError } from '../../../domain/errors.js';
import { type ClosedState, closedStateOf } from './closed-state.js';
import { type OnDemandOptions, relayWhileOpen } from './on-demand-options.js';
import type { PoolMember, StorePool } from './store-pool.js';

/**
 * A store whose files are open only while it is used: the pool closes it while it is idle, and the next call opens it
 * again. Calls are as fast as those of the store within while that is open. A store that other programs share stays
 * open while a client waits for changes.
 */
export class OnDemandStore implements Store, PoolMember {
  readonly #options: OnDemandOptions;
  readonly #listener: ExternalChangeListener | undefined;
  readonly #pool: StorePool;
  /** Undefined while it is closed, opened or being closed. */
  #store: Store | undefined;
  #suspended: ClosedState | undefined;
  #changing: Promise<void> | undefined;
  #calls = 0;
  /** Calls that wait until it is open: they are begun before it is closed for good. */
  readonly #later = new Set<Promise<unknown>>();
  /** After a failed commit only the caller may close it. */
  #failed = false;
  #closing: Promise<void> | undefined;
  #poll: (() => Promise<void>) | undefined;
  usedAt = 0;

  private constructor(options: OnDemandOptions, listener: ExternalChangeListener | undefined) {
    this.#options = options;
    this.#pool = options.pool;
    this.#listener =
      listener &&
      relayWhileOpen(listener, (poll) => {
        this.#poll = poll;
        return () => this.#callLater(async () => this.#poll?.());
      });
  }

  /** Opens it, unless that can wait until it is used; rejects as `options.open` does. */
  static async open(options: OnDemandOptions, listener: ExternalChangeListener | undefined): Promise<OnDemandStore> {
    const store = new OnDemandStore(options, listener);
    store.#suspended = await options.closedState();
    if (store.#suspended === undefined) await store.#open();
    return store;
  }

  get state(): PoolMember['state'] {
    if (this.#changing !== undefined || this.#closing !== undefined) return 'changing';
    if (this.#store === undefined) return 'closed';
    if (this.#calls > 0 || this.#failed) return 'busy';
    return this.#poll !== undefined && this.#listener?.isWatched() === true ? 'held' : 'idle';
  }

  get(key: string): Awaitable<Entry | undefined> {
    if (this.#store === undefined) return this.#callLater((store) => store.get(key));
    this.usedAt = this.#pool.now;
    const found = this.#store.get(key);
    return found instanceof Promise ? this.#track(found) : found;
  }

  getMany(keys: readonly string[]): Awaitable<readonly (Entry | undefined)[]> {
    return this.#call((store) => store.getMany(keys));
  }

  scan(range: Range): Awaitable<readonly Entry[]> {
    return this.#call((store) => store.scan(range));
  }

  scanHeads(range: Omit<Range, 'bytes'>): Awaitable<readonly EntryHead[]> {
    return this.#call((store) => store.scanHeads(range));
  }

  /** Not a use: it is called all the time. While the store is closed it is opened only if something has expired. */
  expiring(before: number, limit: number): Awaitable<readonly string[]> {
    if (this.#store !== undefined) {
      const found = this.#store.expiring(before, limit);
      return found instanceof Promise ? this.#track(found) : found;
    }
    if (this.#suspended !== undefined && before < this.#suspended.nextExpiry) return [];
    return this.#callLater((store) => store.expiring(before, limit));
  }

  /** Not a use. While the store is closed, its size when it was closed. */
  size() {
    if (this.#store === undefined) return this.#suspended?.size ?? this.#callLater((store) => store.size());
    const size = this.#store.size();
    return size instanceof Promise ? this.#track(size) : size;
  }

  /** While the store is closed, what could not be read when it was closed. */
  unreadable(): readonly string[] {
    return this.#store?.unreadable() ?? this.#suspended?.unreadable ?? [];
  }

  commit(batch: Batch): Awaitable<boolean> {
    if (this.#store === undefined) return this.#callLater((store) => this.#commit(store, batch));
    this.usedAt = this.#pool.now;
    return this.#commit(this.#store, batch);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  suspend(): Promise<void> {
    const store = this.#store;
    if (store === undefined) return this.#changing ?? Promise.resolve();
    this.#store = undefined;
    return this.#change(async () => {
      const { project, log } = this.#options;
      try {
        this.#suspended = await closedStateOf(store).catch(() => undefined);
        await store.close();
      } catch (error) {
        log.warn({ project, error }, 'the store was idle and could not be closed in good order');
      }
      this.#pool.leave(this);
    });
  }

  #call<T>(call: (store: Store) => Awaitable<T>): Awaitable<T> {
    if (this.#store === undefined) return this.#callLater(call);
    this.usedAt = this.#pool.now;
    const result = call(this.#store);
    return result instanceof Promise ? this.#track(result) : result;
  }

  async #callLater<T>(call: (store: Store) => Awaitable<T>): Promise<T> {
    if (this.#closing !== undefined) {
      throw new AppError('unavailable', `The store of project '${this.#options.project}' is closed`);
    }
    const begun = this.#reopened().then((store) => [call(store)] as const);
    const forget = () => void this.#later.delete(begun);
    this.#later.add(begun);
    begun.then(forget, forget);
    this.#calls += 1;
    try {
      const [result] = await begun;
      return await result;
    } finally {
      this.#callEnded();
    }
  }

  #track<T>(result: Promise<T>): Promise<T> {
    this.#calls += 1;
    return result.finally(this.#callEnded);
  }

  readonly #callEnded = (): void => {
    this.#calls -= 1;
    if (this.#calls === 0) this.#pool.becameIdle();
  };

  #commit(store: Store, batch: Batch): Awaitable<boolean> {
    this.#calls += 1;
    try {
      const committed = store.commit(batch);
      if (committed instanceof Promise) return committed.then(this.#committed, this.#commitFailed);
      return this.#committed(committed);
    } catch (error) {
      return this.#commitFailed(error);
    }
  }

  readonly #committed = (committed: boolean): boolean => {
    this.#callEnded();
    return committed;
  };

  readonly #commitFailed = (error: unknown): never => {
    if (!isRefusal(error)) this.#failed = true;
    this.#callEnded();
    throw error;
  };

  async #reopened(): Promise<Store> {
    while (this.#store === undefined) await (this.#changing ?? this.#reopen());
    return this.#store;
  }

  async #reopen(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      const { message } = error as Error;
      const reason = error instanceof AppError ? error : new AppError('unavailable', message, { cause: error });
      this.#options.onUnavailable(reason);
      throw reason;
    }
  }

  #open(): Promise<void> {
    return this.#change(async () => {
      await this.#pool.enter(this);
      try {
        this.#store = await this.#options.open(this.#listener);
        this.usedAt = this.#pool.now;
        this.#suspended = undefined;
      } catch (error) {
        this.#pool.leave(this);
        throw error;
      }
    });
  }

  #change(task: () => Promise<void>): Promise<void> {
    const changing = task().finally(() => {
      this.#changing = undefined;
      this.#pool.becameIdle();
    });
    this.#changing = changing;
    return changing;
  }

  async #close(): Promise<void> {
    while (this.#later.size > 0) await Promise.allSettled(this.#later);
    await this.#changing?.catch(() => undefined);
    const store = this.#store;
    this.#suspended = undefined;
    if (store === undefined) return;
    // Calls from now on are refused by the store itself.
    try {
      await store.close();
    } finally {
      this.#pool.leave(this);
    }
  }
}
