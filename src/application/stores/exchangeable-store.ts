import type { Awaitable, Batch, Range, Store } from '../ports/store.js';

/** Told of every batch. */
export interface CommitWatcher {
  /** Before it is committed; the commit waits. */
  before?(batch: Batch): Awaitable<void>;
  /** When its commit has ended, however it did. */
  after?(batch: Batch): void;
}

/** One store with the reads that it has not answered yet. */
interface Held {
  readonly store: Store;
  reads: number;
  onIdle: (() => void) | undefined;
}

/** Hands everything to another store, which can be exchanged while in use: commits wait for a moment, reads never do. */
export class ExchangeableStore implements Store {
  readonly #watchers = new Set<CommitWatcher>();
  #held: Held;
  #commits = 0;
  #onStill: (() => void) | undefined;
  #gate: Promise<void> | undefined;

  constructor(inner: Store) {
    this.#held = { store: inner, reads: 0, onIdle: undefined };
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

  async commit(batch: Batch): Promise<boolean> {
    while (this.#gate !== undefined) await this.#gate;
    this.#commits += 1;
    try {
      for (const watcher of this.#watchers) await watcher.before?.(batch);
      return await this.#held.store.commit(batch);
    } finally {
      for (const watcher of this.#watchers) watcher.after?.(batch);
      this.#commits -= 1;
      if (this.#commits === 0) this.#onStill?.();
    }
  }

  close(): Awaitable<void> {
    return this.#held.store.close();
  }

  /** Runs the task while no commit is under way; those that come meanwhile wait for its end. One task at a time. */
  async still<T>(task: () => Promise<T>): Promise<T> {
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
  watch(watcher: CommitWatcher): Promise<() => void> {
    return this.still(async () => this.watchWhileStill(watcher));
  }

  /** The same, within `still` or before the first commit. */
  watchWhileStill(watcher: CommitWatcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Puts another store in place, within `still`. Resolves when the one before has answered its last read and can be closed. */
  exchange(next: Store): { readonly before: Store; readonly idle: Promise<void> } {
    const before = this.#held;
    this.#held = { store: next, reads: 0, onIdle: undefined };
    const idle = new Promise<void>((resolve) => {
      if (before.reads === 0) resolve();
      else before.onIdle = resolve;
    });
    return { before: before.store, idle };
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
