import type { Change } from '../../domain/change.js';
import type { Entry, EntryHead } from '../../domain/entry.js';
import type { KeyBounds } from '../../domain/key.js';
import type { Totals, TotalsLimit } from '../../domain/totals.js';
import type { Awaitable } from '../awaitable.js';
import type { CommitLog } from './commit-log.js';

/**
 * The changes of one commit, all or nothing. No key occurs twice in `put` and `remove` together: callers see to that,
 * and stores need not check it.
 */
export interface Batch {
  /** The version that each key must have, or undefined if it must not exist. */
  readonly expect?: readonly { readonly key: string; readonly version: number | undefined }[];
  readonly put?: readonly Entry[];
  readonly remove?: readonly string[];
  /**
   * What the store may hold afterwards, as `requireWithin` decides. A store that several nodes may open checks it in
   * the commit; others need not: `ReservingStore` does it for them.
   */
  readonly limit?: TotalsLimit;
  /** What the `CommitLog` of a store has of the commit, if that has one; without it, nothing. */
  readonly changes?: readonly Change[] | undefined;
}

/** Some of the keys in order. `boundsOf` gives the two keys between which they are. */
export interface Range extends KeyBounds {
  /** From the last key to the first. */
  readonly reverse?: boolean | undefined;
  readonly limit: number;
  /** Ends after the entry with which the values and their metadata have this many bytes together. */
  readonly bytes?: number;
}

/** The entries of a store as they were at one moment, whatever is committed since. */
export interface ReadView {
  /**
   * All entries between the bounds, expired ones too, in key order, some at a time. Call it once. Throws `unavailable`
   * if the store does not know that moment any longer: then the pages so far are not the whole.
   */
  pages(bounds: KeyBounds): AsyncIterable<readonly Entry[]>;
  /** Frees what it holds; `pages` throws from then on. Never rejects. */
  close(): Promise<void>;
}

/**
 * One ordered keyspace, owned by one project. Ordered by the UTF-8 bytes of the key; never looks at the clock.
 * Entries are values: callers and stores never change one that they passed or received, and stores return every member
 * of them, `meta` included: an engine that drops one fails the contract suite. Calls after `close` reject or
 * throw `unavailable`.
 */
export interface Store {
  get(key: string): Awaitable<Entry | undefined>;
  /** By position, all as of one moment. */
  getMany(keys: readonly string[]): Awaitable<readonly (Entry | undefined)[]>;
  /** In key order, or in reverse. Fewer than `limit`, with fewer than `bytes`, means that the end was reached. */
  scan(range: Range): Awaitable<readonly Entry[]>;
  /** Like `scan`, without reading values: not even whether they can be read is checked. */
  scanHeads(range: Omit<Range, 'bytes'>): Awaitable<readonly EntryHead[]>;
  /** Keys whose `expiresAt` is not after `before`, earliest first. From an index kept in the same commit. */
  expiring(before: number, limit: number): Awaitable<readonly string[]>;
  /** Exact, without a scan; `bytes` is the sum of `entryBytes`. Kept in the same commit. */
  size(): Awaitable<Totals>;
  /**
   * All or nothing. True once visible to readers and safe from a crash; false, with nothing changed, if an expectation
   * does not hold. Rejects with `insufficient_storage`, such as a `LimitExceededError`, with a `CommitRefusedError`, or
   * with a `CommitTooLargeError`, if nothing was changed; after any other rejection its outcome is unknown, and the
   * store need not commit again until it is opened again.
   */
  commit(batch: Batch): Awaitable<boolean>;
  /**
   * What is stored and cannot be read, each with its file and the cure; `scan` leaves it out. Empty if all can be read.
   */
  unreadable(): readonly string[];
  /** Of a store that several servers may have open; others have none. */
  readonly commitLog?: CommitLog | undefined;
  /**
   * Begins a view of now, if a store that several servers may have open can show one. Rejects with `unavailable`. A
   * closed store ends its views.
   */
  readonly readView?: (() => Promise<ReadView>) | undefined;
  /** Finishes what runs, then frees everything. */
  close(): Awaitable<void>;
}
