import { type Entry, entryBytes } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import type { Awaitable } from '../awaitable.js';
import type { Quota } from '../ports/entry-rules.js';
import type { Batch, Range, Store } from '../ports/store.js';
import { RunningCommits } from './running-commits.js';

export interface Amount {
  keys: number;
  bytes: number;
}

/**
 * Refuses commits that would make a store exceed its quota with `insufficient_storage`; commits that shrink it always
 * pass. Growth is reserved before the commit, so that concurrent writers of different keys cannot exceed it together.
 */
export class QuotaStore implements Store {
  readonly #inner: Store;
  readonly #quota: () => Quota;
  /** What is stored and reserved. Known only while something is reserved, because the inner store may be swapped. */
  #used: Amount | undefined;
  #counting: Promise<void> | undefined;
  #reservations = 0;
  #writing = 0;
  #onIdle: (() => void)[] = [];
  readonly #running = new RunningCommits();

  /** `quota` is called at every commit. */
  constructor(inner: Store, quota: () => Quota) {
    this.#inner = inner;
    this.#quota = quota;
  }

  get(key: string): Awaitable<Entry | undefined> {
    return this.#inner.get(key);
  }

  getMany(keys: readonly string[]): Awaitable<readonly (Entry | undefined)[]> {
    return this.#inner.getMany(keys);
  }

  scan(range: Range): Awaitable<readonly Entry[]> {
    return this.#inner.scan(range);
  }

  scanHeads(range: Omit<Range, 'bytes'>) {
    return this.#inner.scanHeads(range);
  }

  expiring(before: number, limit: number): Awaitable<readonly string[]> {
    return this.#inner.expiring(before, limit);
  }

  size(): Awaitable<{ readonly keys: number; readonly bytes: number }> {
    return this.#inner.size();
  }

  unreadable(): readonly string[] {
    return this.#inner.unreadable();
  }

  commit(batch: Batch): Awaitable<boolean> {
    if (isLimited(this.#quota())) return this.#running.track(this.#commitWithinQuota(batch));
    this.#recount();
    return this.#write(batch);
  }

  async close(): Promise<void> {
    await this.#running.ended();
    await this.#inner.close();
  }

  /** Expects the versions that it counted: an entry that another commit replaced meanwhile is counted again. */
  async #commitWithinQuota(batch: Batch): Promise<boolean> {
    const { expect = [], put = [], remove = [] } = batch;
    const keys = [...new Set([...expect, ...put].map(({ key }) => key).concat(remove))];
    for (;;) {
      const found = await this.#inner.getMany(keys);
      const stored = new Map(keys.map((key, i) => [key, found[i]]));
      if (expect.some(({ key, version }) => stored.get(key)?.version !== version)) return false;
      const growth = growthOf(put, remove, stored);
      while (this.#used === undefined) await this.#count();
      const used = this.#used;
      const counted = keys.map((key) => ({ key, version: stored.get(key)?.version }));
      this.#reservations += 1;
      try {
        if (await this.#commitReserved(used, growth, { expect: counted, put, remove })) return true;
      } finally {
        this.#reservations -= 1;
        if (this.#reservations === 0) this.#recount();
      }
    }
  }

  async #commitReserved(used: Amount, growth: Amount, batch: Batch): Promise<boolean> {
    const reserved = { keys: Math.max(0, growth.keys), bytes: Math.max(0, growth.bytes) };
    requireRoom(this.#quota(), used, growth);
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
    const committed = this.#inner.commit(batch);
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

  /** Counts while no write runs. Until the count is known, only writes without a quota can start. */
  #count(): Promise<void> {
    if (this.#counting !== undefined) return this.#counting;
    const counting: Promise<void> = this.#whenIdle()
      .then(() => this.#inner.size())
      .then(({ keys, bytes }) => {
        if (this.#counting === counting) this.#used = { keys, bytes };
      })
      .finally(() => {
        if (this.#counting === counting) this.#counting = undefined;
      });
    this.#counting = counting;
    return counting;
  }
}

/** Whether the quota limits anything. */
export function isLimited({ maxKeys, maxTotalBytes }: Quota): boolean {
  return maxKeys !== Number.POSITIVE_INFINITY || maxTotalBytes !== Number.POSITIVE_INFINITY;
}

function growthOf(
  put: readonly Entry[],
  remove: readonly string[],
  stored: ReadonlyMap<string, Entry | undefined>,
): Amount {
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

/** Throws `insufficient_storage` if the growth does not fit. */
export function requireRoom({ maxKeys, maxTotalBytes, hidden = false }: Quota, used: Amount, growth: Amount): void {
  requireOne('max_keys', 'keys', maxKeys, used.keys, growth.keys, hidden);
  requireOne('max_total_bytes', 'bytes of keys, values and metadata', maxTotalBytes, used.bytes, growth.bytes, hidden);
}

function requireOne(limit: string, unit: string, max: number, used: number, growth: number, hidden: boolean): void {
  const sum = used + growth;
  if (growth <= 0 || sum <= max) return;
  const details = { limit, limit_value: max };
  const message = `The project may hold at most ${max} ${unit}`;
  if (hidden) throw new AppError('insufficient_storage', message, { details });
  throw new AppError('insufficient_storage', `${message}, this would make ${sum}`, {
    details: { ...details, would_be: sum },
  });
}

function add(to: Amount, amount: Amount, times: 1 | -1): void {
  to.keys += times * amount.keys;
  to.bytes += times * amount.bytes;
}
