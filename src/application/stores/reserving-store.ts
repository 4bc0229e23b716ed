import { type Entry, entryBytes } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import { countedBytes, requireWithin, type Totals, type TotalsLimit } from '../../domain/totals.js';
import type { Awaitable } from '../awaitable.js';
import type { Batch } from '../ports/store.js';
import { RunningCommits } from './running-commits.js';
import { StoreWrapper } from './store-wrapper.js';

/** Bytes are those that count towards the limit. */
interface Amount {
  keys: number;
  bytes: number;
}

/**
 * Checks `Batch.limit` for a store to which only this process commits: growth is reserved before the commit, so that
 * concurrent writers of different keys cannot exceed the limit together.
 */
export class ReservingStore extends StoreWrapper {
  /** What is stored and reserved. Known only while something is reserved: other commits are not counted. */
  #used: Amount | undefined;
  #counting: Promise<void> | undefined;
  #reservations = 0;
  #writing = 0;
  #onIdle: (() => void)[] = [];
  readonly #running = new RunningCommits();

  commit(batch: Batch): Awaitable<boolean> {
    const { limit } = batch;
    if (limit !== undefined) return this.#running.track(this.#commitWithin(limit, batch));
    this.#recount();
    return this.#write(batch);
  }

  /** Synchronous if nothing runs and the store is. */
  override close(): Awaitable<void> {
    if (this.#running.isIdle) return this.inner.close();
    return this.#running.ended().then(() => this.inner.close());
  }

  /** Expects the versions that it counted: an entry that another commit replaced meanwhile is counted again. */
  async #commitWithin(limit: TotalsLimit, { expect = [], put = [], remove = [] }: Batch): Promise<boolean> {
    const keys = [...new Set([...expect, ...put].map(({ key }) => key).concat(remove))];
    for (;;) {
      const found = await this.inner.getMany(keys);
      const stored = new Map(keys.map((key, i) => [key, found[i]]));
      if (expect.some(({ key, version }) => stored.get(key)?.version !== version)) return false;
      const growth = counted(limit, growthOf(put, remove, stored));
      while (this.#used === undefined) await this.#count(limit);
      const used = this.#used;
      const versions = keys.map((key) => ({ key, version: stored.get(key)?.version }));
      this.#reservations += 1;
      try {
        requireWithin({ keys: limit.keys, bytes: limit.bytes }, used, growth);
        if (await this.#commitReserved(used, growth, { expect: versions, put, remove })) return true;
      } finally {
        this.#reservations -= 1;
        if (this.#reservations === 0) this.#recount();
      }
    }
  }

  async #commitReserved(used: Amount, growth: Amount, batch: Batch): Promise<boolean> {
    const reserved = { keys: Math.max(0, growth.keys), bytes: Math.max(0, growth.bytes) };
    add(used, reserved, 1);
    try {
      const committed = await this.#write(batch);
      if (committed) add(used, growth, 1);
      add(used, reserved, -1);
      return committed;
    } catch (error) {
      if (error instanceof AppError && error.code === 'insufficient_storage') add(used, reserved, -1);
      else this.#recount();
      throw error;
    }
  }

  #write(batch: Batch): Awaitable<boolean> {
    const committed = this.inner.commit(batch);
    if (!(committed instanceof Promise)) return committed;
    this.#writing += 1;
    committed.then(this.#whenWritten, this.#whenWritten);
    return committed;
  }

  readonly #whenWritten = (): void => {
    this.#writing -= 1;
    if (this.#writing === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  };

  #whenIdle(): Promise<void> {
    if (this.#writing === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #recount(): void {
    this.#used = undefined;
    this.#counting = undefined;
  }

  /** Counts while no write runs. Until the count is known, only writes without a limit can start. */
  #count(limit: TotalsLimit): Promise<void> {
    if (this.#counting !== undefined) return this.#counting;
    const counting: Promise<void> = this.#whenIdle()
      .then(() => this.inner.size())
      .then((size) => {
        if (this.#counting === counting) this.#used = counted(limit, size);
      })
      .finally(() => {
        if (this.#counting === counting) this.#counting = undefined;
      });
    this.#counting = counting;
    return counting;
  }
}

function counted(limit: TotalsLimit, totals: Totals): Amount {
  return { keys: totals.keys, bytes: countedBytes(limit, totals) };
}

/** What a commit adds to what is stored of its keys. */
export function growthOf(
  put: readonly Entry[],
  remove: readonly string[],
  stored: ReadonlyMap<string, Entry | undefined>,
): Totals {
  const growth = { keys: 0, bytes: 0 };
  for (const entry of put) {
    growth.keys += 1;
    growth.bytes += entryBytes(entry);
  }
  for (const key of [...put.map((entry) => entry.key), ...remove]) {
    const before = stored.get(key);
    if (before === undefined) continue;
    growth.keys -= 1;
    growth.bytes -= entryBytes(before);
  }
  return growth;
}

function add(to: Amount, amount: Amount, times: 1 | -1): void {
  to.keys += times * amount.keys;
  to.bytes += times * amount.bytes;
}
