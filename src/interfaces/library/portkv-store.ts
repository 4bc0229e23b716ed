import { requireValidKey } from '../../application/access/authorize.js';
import type { ChangeEntry } from '../../application/entries/change-entry.js';
import type { RemoveEntries } from '../../application/entries/remove-entries.js';
import type { RunTransaction } from '../../application/entries/run-transaction.js';
import type { WrittenEntry } from '../../application/entries/write-result.js';
import type { Keyspace } from '../../application/keyspace/keyspace.js';
import { headPages, type PagedRange, pages } from '../../application/keyspace/paging.js';
import { anonymousOf, type Identity } from '../../domain/api-key.js';
import type { Conditions } from '../../domain/condition.js';
import type { Entry } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import { afterKey, compareKeys } from '../../domain/key.js';
import type { Expiry, Operation } from '../../domain/operation.js';
import { formatVersion, parseVersion } from '../../domain/version.js';
import { decodeValue, encodeValue } from './value-codec.js';
import { type StoreChange, watch } from './watch.js';

/** An entry as the library returns it. `version` is the ETag that a server sends, without its quotes. */
export interface Stored<T> {
  readonly key: string;
  readonly value: T;
  readonly version: string;
  readonly contentType: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly expiresAt: Date | undefined;
}

export interface PutOptions {
  /** Seconds until the entry expires. */
  readonly ttl?: number;
  readonly expiresAt?: Date;
  /** Writes only if this is still the version; else rejects with code `precondition_failed`. */
  readonly ifVersion?: string;
  /** Writes only if the key does not exist; else rejects with code `precondition_failed`. */
  readonly ifAbsent?: boolean;
}

export interface ListOptions {
  readonly prefix?: string;
  /** Only keys from this one on. */
  readonly start?: string;
  /** Only keys after this one. */
  readonly after?: string;
  /** Only keys before this one. */
  readonly end?: string;
  /** From the last key to the first. */
  readonly reverse?: boolean;
}

/** A condition that must hold when a transaction runs. */
export type TransactionCheck =
  | { readonly key: string; readonly version: string }
  | { readonly key: string; readonly absent: true }
  | { readonly key: string; readonly exists: true };

export type TransactionOperation<T> =
  | { readonly put: { readonly key: string; readonly value: T | Uint8Array; readonly ttl?: number } }
  | { readonly get: { readonly key: string } }
  | { readonly delete: { readonly key: string } }
  | { readonly increment: { readonly key: string; readonly by?: number | bigint } };

export interface UseCases {
  readonly changeEntry: ChangeEntry;
  readonly removeEntries: RemoveEntries;
  readonly runTransaction: RunTransaction;
}

/** The store of one project in this process: the use cases of the server, with JSON values in and out. */
export class PortkvStore<T = unknown> implements AsyncDisposable {
  readonly #keyspace: Keyspace;
  /** A program that has the files needs no key. */
  readonly #caller: Identity;
  readonly #useCases: UseCases;
  readonly #close: () => Promise<void>;
  readonly #readOnly: boolean;

  constructor(keyspace: Keyspace, useCases: UseCases, readOnly: boolean, close: () => Promise<void>) {
    this.#keyspace = keyspace;
    this.#caller = anonymousOf(keyspace.project);
    this.#useCases = useCases;
    this.#readOnly = readOnly;
    this.#close = close;
  }

  async get(key: string): Promise<Stored<T> | undefined> {
    requireValidKey(key);
    const entry = await this.#keyspace.get(key);
    return entry && (toStored(entry) as Stored<T>);
  }

  async has(key: string): Promise<boolean> {
    requireValidKey(key);
    return (await this.#keyspace.get(key)) !== undefined;
  }

  /** Stores a JSON value or bytes and returns the new version. The write is durable once the promise resolves. */
  async put(key: string, value: T | Uint8Array, options: PutOptions = {}): Promise<string> {
    const operation: Operation = {
      kind: 'put',
      key,
      ...encodeValue(value),
      expiry: toExpiry(options),
    };
    const { after } = await this.#change(operation, toConditions(options));
    return formatVersion((after as WrittenEntry).version);
  }

  /** Returns whether the key existed. */
  async delete(key: string, { ifVersion }: Pick<PutOptions, 'ifVersion'> = {}): Promise<boolean> {
    try {
      await this.#change({ kind: 'delete', key }, toConditions(ifVersion === undefined ? {} : { ifVersion }));
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return false;
      throw error;
    }
  }

  /** Adds to an integer of any size, which is 0 if the key does not exist, and returns the sum. */
  async increment(key: string, by: number | bigint = 1): Promise<bigint> {
    const { after } = await this.#change({ kind: 'increment', key, by: BigInt(by) }, {});
    return BigInt(Buffer.from(after?.value ?? []).toString());
  }

  /** All entries in the order of the UTF-8 bytes of their keys, with only a page of them in memory at a time. */
  async *list(options: ListOptions = {}): AsyncGenerator<Stored<T>> {
    for await (const page of pages(this.#keyspace, rangeOf(options))) {
      for (const entry of page) yield toStored(entry) as Stored<T>;
    }
  }

  async *keys(options: ListOptions = {}): AsyncGenerator<string> {
    for await (const page of headPages(this.#keyspace, rangeOf(options))) for (const { key } of page) yield key;
  }

  /** Removes all entries, or those with a prefix, and returns how many. */
  async clear({ prefix = '' }: Pick<ListOptions, 'prefix'> = {}): Promise<number> {
    this.#requireWritable();
    const { count = 0 } = await this.#useCases.removeEntries.execute(this.#caller, this.#keyspace.project, { prefix });
    return count;
  }

  /**
   * Runs several operations on distinct keys atomically. If a check does not hold, none runs and the call rejects with
   * code `check_failed`. Returns by position the entry for `get` (undefined if it does not exist), undefined for
   * `delete`, and the new version for the others.
   */
  async transaction(
    operations: readonly TransactionOperation<T>[],
    checks: readonly TransactionCheck[] = [],
  ): Promise<readonly (Stored<T> | string | undefined)[]> {
    const converted = operations.map(toOperation);
    if (converted.some(({ kind }) => kind !== 'get')) this.#requireWritable();
    const transaction = { operations: converted, checks: checks.map(toCheck) };
    const results = await this.#useCases.runTransaction.execute(this.#caller, this.#keyspace.project, transaction);
    return results.map(({ read, after }, i) => {
      if (converted[i]?.kind === 'get') return read && (toStored(read) as Stored<T>);
      return after && formatVersion(after.version);
    });
  }

  /** The changes from the first call of `next` on, in the order of versions. */
  watch({ prefix = '' }: Pick<ListOptions, 'prefix'> = {}): AsyncGenerator<StoreChange> {
    return watch(this.#keyspace.changes, prefix);
  }

  /** Waits until earlier changes by other programs are visible; without effect if the engine shares no files. */
  async synchronize(): Promise<void> {
    await this.#keyspace.externalChanges.poll();
  }

  close(): Promise<void> {
    return this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  #change(operation: Operation, conditions: Conditions) {
    this.#requireWritable();
    return this.#useCases.changeEntry.execute(this.#caller, this.#keyspace.project, operation, conditions);
  }

  #requireWritable(): void {
    if (this.#readOnly) throw new AppError('forbidden', 'the store was opened with readOnly');
  }
}

function rangeOf({ prefix, start, after, end, reverse }: ListOptions): PagedRange {
  const isAfter = after !== undefined && (start === undefined || compareKeys(start, after) <= 0);
  return { prefix, start: isAfter ? afterKey(after) : start, end, reverse };
}

function toStored(entry: Entry): Stored<unknown> {
  const { key, version, contentType, createdAt, updatedAt, expiresAt } = entry;
  return {
    key,
    value: decodeValue(entry),
    version: formatVersion(version),
    contentType,
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
    expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
  };
}

function toOperation<T>(operation: TransactionOperation<T>): Operation {
  if ('put' in operation) {
    const { key, value, ttl } = operation.put;
    return {
      kind: 'put',
      key,
      ...encodeValue(value),
      expiry: toExpiry(ttl === undefined ? {} : { ttl }),
    };
  }
  if ('get' in operation) return { kind: 'get', key: operation.get.key };
  if ('delete' in operation) return { kind: 'delete', key: operation.delete.key };
  const { key, by = 1 } = operation.increment;
  return { kind: 'increment', key, by: BigInt(by) };
}

function toCheck(check: TransactionCheck) {
  const { key } = check;
  if ('version' in check) return { key, version: parseVersion(check.version) ?? 0 };
  return 'absent' in check ? { key, version: undefined } : { key, version: '*' as const };
}

function toConditions({ ifVersion, ifAbsent }: PutOptions): Conditions {
  return {
    ...(ifVersion === undefined ? {} : { ifMatch: [parseVersion(ifVersion)] }),
    ...(ifAbsent ? { ifNoneMatch: '*' as const } : {}),
  };
}

function toExpiry({ ttl, expiresAt }: PutOptions): Expiry {
  if (ttl !== undefined) {
    if (!(ttl > 0)) throw new AppError('invalid', `ttl must be a number of seconds above 0, not ${ttl}`);
    return { ttl: Math.max(1, Math.round(ttl * 1000)) };
  }
  return expiresAt === undefined ? 'never' : { at: expiresAt.getTime() };
}
