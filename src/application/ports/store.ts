import type { Entry } from '../../domain/entry.js';
import type { Awaitable } from '../awaitable.js';

/** What one commit does, all or nothing. No key stands twice in `put` and `remove` together. */
export interface Batch {
  /** The version each key must have, or undefined where it must not exist. */
  readonly expect?: readonly { readonly key: string; readonly version: number | undefined }[];
  readonly put?: readonly Entry[];
  readonly remove?: readonly string[];
}

export interface Range {
  readonly prefix?: string;
  /** Only keys behind this one, which need not be a key. Both may be longer than any key. */
  readonly after?: string;
  readonly limit: number;
  /** Ends behind the entry with which the values have this many bytes together. */
  readonly bytes?: number;
}

/**
 * One ordered keyspace, owned by one project. Ordered by the UTF-8 bytes of the key; never looks at the clock.
 * Entries are values: callers and stores never change one that they gave or were given.
 */
export interface Store {
  get(key: string): Awaitable<Entry | undefined>;
  /** By position, all as of one moment. */
  getMany(keys: readonly string[]): Awaitable<readonly (Entry | undefined)[]>;
  /** In key order. Fewer than `limit`, with fewer than `bytes`, means that the end was reached. */
  scan(range: Range): Awaitable<readonly Entry[]>;
  /** Keys whose `expiresAt` is not after `before`, earliest first. From an index kept in the same commit. */
  expiring(before: number, limit: number): Awaitable<readonly string[]>;
  /** Exact, without a scan; `bytes` counts keys and values. Kept in the same commit. */
  size(): Awaitable<{ readonly keys: number; readonly bytes: number }>;
  /**
   * All or nothing. True once visible to readers and safe from a crash; false, with nothing changed, when an
   * expectation does not hold. Rejects with `insufficient_storage` where it was refused and nothing was attempted; whatever else it
   * rejects with, its outcome is unknown, and the store refuses to commit until it is opened again.
   */
  commit(batch: Batch): Awaitable<boolean>;
  /** What is there and cannot be read, each with its file and the cure: pages leave it out. Absent where that cannot be. */
  unreadable?(): readonly string[];
  /** Finishes what runs, then frees everything. Calls after it reject with `unavailable`. */
  close(): Awaitable<void>;
}
