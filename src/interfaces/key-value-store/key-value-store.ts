import type {
  Removed,
  Replaced,
  ReturnOld,
  TransactionCheck,
  TransactionOperation,
  TransactionOptions,
  TransactionResults,
} from './transaction.js';
import type {
  Found,
  IfVersion,
  IncrementOptions,
  PutEntry,
  PutOptions,
  ReadAs,
  ReadOptions,
  StoredHead,
  WriteAs,
  WriteConditions,
  WrittenValues,
} from './values.js';

export interface WithPrefix {
  /** Only keys that begin with this. */
  readonly prefix?: string | undefined;
}

/** A range of keys, which are in the order of their UTF-8 bytes. No bound need be a key that exists. */
export interface KeyRange extends WithPrefix {
  /** Only keys from this one on. */
  readonly start?: string | undefined;
  /** Only keys after this one. Give this or `start`. */
  readonly after?: string | undefined;
  /** Only keys before this one. */
  readonly end?: string | undefined;
}

export interface KeysOptions extends KeyRange {
  /** From the last key to the first. */
  readonly reverse?: boolean | undefined;
  /** At most this many. */
  readonly limit?: number | undefined;
}

export interface ListOptions<A extends ReadAs = 'auto'> extends KeysOptions, ReadOptions<A> {}

export interface WatchOptions extends WithPrefix {
  /** Ends the watch, which then returns without an error. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A change of an entry. `ready` comes first: every change after it is reported. After `resync` the reader must read the
 * store again: some changes are not reported.
 */
export type StoreChange =
  | { readonly event: 'put' | 'delete' | 'expire'; readonly key: string; readonly version: string }
  | { readonly event: 'ready' | 'resync'; readonly key?: undefined; readonly version?: undefined };

/**
 * The entries of one project, whether they are in this process or on a server. Keys are 1 to 512 bytes of UTF-8. A
 * write is durable once its promise resolves, on an engine that is. Expected outcomes are return values; anything else
 * rejects with a `PortkvError`, whose `code` is the same for all implementations: `invalid` for a key, a value or an
 * option that is wrong, `insufficient_storage`, `unavailable`, `outcome_unknown` if a write may have happened or not.
 */
export interface KeyValueStore<T = unknown> extends AsyncDisposable {
  /** The entry; undefined if it does not exist. */
  get<A extends ReadAs = 'auto'>(key: string, options?: ReadOptions<A>): Promise<Found<T, A> | undefined>;

  /** The entries by position. One moment for up to 1,000 keys if their values are not too large for one answer. */
  getMany<A extends ReadAs = 'auto'>(
    keys: Iterable<string>,
    options?: ReadOptions<A>,
  ): Promise<(Found<T, A> | undefined)[]>;

  /** The entry without its value. */
  head(key: string): Promise<StoredHead | undefined>;

  has(key: string): Promise<boolean>;

  /**
   * Stores a value and returns the new version; with `return: 'old'` also the entry that it replaced, undefined if
   * there was none. Of several writers each gets another one.
   */
  put<A extends WriteAs = 'json'>(
    key: string,
    value: WrittenValues<T>[A],
    options: PutOptions<A> & ReturnOld,
  ): Promise<Replaced<T>>;
  put<A extends WriteAs = 'json'>(key: string, value: WrittenValues<T>[A], options?: PutOptions<A>): Promise<string>;

  /**
   * Stores many and returns the versions by position. Not one write but several if they are more than 1,000 or large:
   * for all or nothing use `transaction`. Of entries with the same key the last one counts.
   */
  putMany(entries: Iterable<PutEntry<T>>): Promise<string[]>;

  /**
   * Returns whether the entry existed; with `return: 'old'` also the entry, which only one of several callers gets. If
   * it does not exist, `ifVersion` is of no effect.
   */
  delete(key: string, options: IfVersion & ReturnOld): Promise<Removed<T>>;
  delete(key: string, conditions?: IfVersion): Promise<boolean>;

  /** Returns by position whether the entry existed. In several writes, as `putMany`. */
  deleteMany(keys: Iterable<string>): Promise<boolean[]>;

  /**
   * Adds to an integer of any size, which is 0 if the entry does not exist, and returns the sum. An expiry counts only
   * if this creates the entry. Rejects with `unprocessable` if the value is no integer.
   */
  increment(key: string, by?: number | bigint, options?: IncrementOptions): Promise<bigint>;

  /** Appends to the bytes of the value, creating the entry if it does not exist, and returns the new version. */
  append(key: string, value: string | Uint8Array, conditions?: WriteConditions): Promise<string>;

  /**
   * Applies a JSON Merge Patch (RFC 7396) and returns the new version; undefined if the entry does not exist. Rejects
   * with `unprocessable` if the value is no JSON.
   */
  merge(key: string, patch: unknown, conditions?: IfVersion): Promise<string | undefined>;

  /**
   * Lets the entry expire in `ttl` seconds; never if that is null. Returns the new version; undefined if the entry does
   * not exist.
   */
  touch(key: string, ttl: number | null, conditions?: IfVersion): Promise<string | undefined>;

  /** Entries in the order of keys, with only a page of them in memory at a time. */
  list<A extends ReadAs = 'auto'>(options?: ListOptions<A>): AsyncGenerator<Found<T, A>, void, undefined>;

  /** Keys in order, without reading values. */
  keys(options?: KeysOptions): AsyncGenerator<string, void, undefined>;

  /** Entries without their values. */
  heads(options?: KeysOptions): AsyncGenerator<StoredHead, void, undefined>;

  count(options?: KeyRange): Promise<number>;

  /** Removes all entries, or those with a prefix, and returns how many. */
  clear(options?: WithPrefix): Promise<number>;

  /**
   * Runs up to 1,000 operations on distinct keys at one moment, or none of them: if a check does not hold, the call
   * rejects with `check_failed`. Reads see the state before the writes, unless it is `sequential`, which also lets keys
   * repeat. Returns the results by position.
   */
  transaction<const O extends readonly TransactionOperation<T>[]>(
    operations: O,
    checks?: readonly TransactionCheck[],
    options?: TransactionOptions,
  ): Promise<TransactionResults<O, T>>;

  /** The changes from the first call of `next` on, in the order of versions, until the store is closed. */
  watch(options?: WatchOptions): AsyncGenerator<StoreChange, void, undefined>;

  /** Ends the watches and releases what the store holds. */
  close(): Promise<void>;
}
