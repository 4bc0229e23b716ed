import type { ChangeEntry } from '../../application/entries/change-entry.js';
import type { RemoveEntries } from '../../application/entries/remove-entries.js';
import type { RunTransaction } from '../../application/entries/run-transaction.js';
import type { WrittenEntry } from '../../application/entries/write-result.js';
import type { Keyspace } from '../../application/keyspace/keyspace.js';
import { pages } from '../../application/keyspace/paging.js';
import { anonymousOf, type Identity } from '../../domain/api-key.js';
import type { Conditions } from '../../domain/condition.js';
import type { Entry } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import { keyProblem } from '../../domain/key.js';
import type { Expiry, Operation } from '../../domain/operation.js';
import { formatVersion, parseVersion } from '../../domain/version.js';
import { decodeValue, encodeValue } from './value-codec.js';
import { type StoreChange, watch } from './watch.js';

/** An entry as the library gives it. `version` is the ETag that a server shows. */
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
  /** Only if this is still the version; else the put rejects with code `precondition_failed`. */
  readonly ifVersion?: string;
  /** Only if there is no such key; else the put rejects with code `precondition_failed`. */
  readonly ifAbsent?: boolean;
}

export interface ListOptions {
  readonly prefix?: string;
  /** Only keys behind this one. */
  readonly after?: string;
}

/** What must hold before a transaction. */
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

/** One project's store, in this process: the use cases of the server, with JSON values in and out. */
export class PortkvStore<T = unknown> implements AsyncDisposable {
  readonly #keyspace: Keyspace;
  /** A program that has the files needs no key. */
  readonly #caller: Identity;
  readonly #use: UseCases;
  readonly #close: () => Promise<void>;
  readonly #readOnly: boolean;

  constructor(keyspace: Keyspace, use: UseCases, readOnly: boolean, close: () => Promise<void>) {
    this.#keyspace = keyspace;
    this.#caller = anonymousOf(keyspace.project);
    this.#use = use;
    this.#readOnly = readOnly;
    this.#close = close;
  }

  async get(key: string): Promise<Stored<T> | undefined> {
    const entry = await this.#keyspace.get(sound(key));
    return entry && (storedOf(entry) as Stored<T>);
  }

  async has(key: string): Promise<boolean> {
    return (await this.#keyspace.get(sound(key))) !== undefined;
  }

  /** Stores a JSON value or bytes, durably once it resolves; answers the new version. */
  async put(key: string, value: T | Uint8Array, options: PutOptions = {}): Promise<string> {
    const operation: Operation = { kind: 'put', key: sound(key), ...encodeValue(value), expiry: expiryOf(options) };
    const { after } = await this.#change(operation, conditionsOf(options));
    return formatVersion((after as WrittenEntry).version);
  }

  /** Whether there was something to delete. */
  async delete(key: string, { ifVersion }: Pick<PutOptions, 'ifVersion'> = {}): Promise<boolean> {
    try {
      await this.#change(
        { kind: 'delete', key: sound(key) },
        conditionsOf(ifVersion === undefined ? {} : { ifVersion }),
      );
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return false;
      throw error;
    }
  }

  /** Adds to an integer of any size, from 0 where the key is missing; answers the sum. */
  async increment(key: string, by: number | bigint = 1): Promise<bigint> {
    const { after } = await this.#change({ kind: 'increment', key: sound(key), by: BigInt(by) }, {});
    return BigInt(Buffer.from(after?.value ?? []).toString());
  }

  /** All entries in the order of their keys' UTF-8 bytes, a few in memory at a time. */
  async *list(options: ListOptions = {}): AsyncGenerator<Stored<T>> {
    for await (const entry of this.#entries(options)) yield storedOf(entry) as Stored<T>;
  }

  async *keys(options: ListOptions = {}): AsyncGenerator<string> {
    for await (const { key } of this.#entries(options)) yield key;
  }

  /** Removes all entries, or those with a prefix; answers how many. */
  async clear({ prefix = '' }: Pick<ListOptions, 'prefix'> = {}): Promise<number> {
    this.#requireWritable();
    const { count = 0 } = await this.#use.removeEntries.execute(this.#caller, this.#keyspace.project, { prefix });
    return count;
  }

  /**
   * Runs several operations on distinct keys at one moment, or none: rejects with code `check_failed` where a check does not hold.
   * Answers by position the entry for `get`, the new version for the others, undefined for `delete`.
   */
  async transaction(
    operations: readonly TransactionOperation<T>[],
    checks: readonly TransactionCheck[] = [],
  ): Promise<readonly (Stored<T> | string | undefined)[]> {
    const wanted = operations.map(operationOf);
    if (wanted.some(({ kind }) => kind !== 'get')) this.#requireWritable();
    const transaction = { operations: wanted, checks: checks.map(checkOf) };
    const results = await this.#use.runTransaction.execute(this.#caller, this.#keyspace.project, transaction);
    return results.map(({ read, after }, i) => {
      if (wanted[i]?.kind === 'get') return read && (storedOf(read) as Stored<T>);
      return after && formatVersion(after.version);
    });
  }

  /** What changes from the first `next` on, in the order of versions. */
  watch({ prefix = '' }: Pick<ListOptions, 'prefix'> = {}): AsyncGenerator<StoreChange> {
    return watch(this.#keyspace.changes, prefix);
  }

  /** Makes sure that changes by other programs are seen, where the engine shares its files with them; else there is nothing to do. */
  async synchronize(): Promise<void> {
    await this.#keyspace.externalChanges.poll();
  }

  close(): Promise<void> {
    return this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  async *#entries({ prefix = '', after }: ListOptions): AsyncGenerator<Entry> {
    for await (const page of pages(this.#keyspace, prefix, after)) yield* page;
  }

  #change(operation: Operation, conditions: Conditions) {
    this.#requireWritable();
    return this.#use.changeEntry.execute(this.#caller, this.#keyspace.project, operation, conditions);
  }

  #requireWritable(): void {
    if (this.#readOnly) throw new AppError('forbidden', 'the store was opened to be read only');
  }
}

function storedOf(entry: Entry): Stored<unknown> {
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

function operationOf<T>(operation: TransactionOperation<T>): Operation {
  if ('put' in operation) {
    const { key, value, ttl } = operation.put;
    return { kind: 'put', key: sound(key), ...encodeValue(value), expiry: expiryOf(ttl === undefined ? {} : { ttl }) };
  }
  if ('get' in operation) return { kind: 'get', key: sound(operation.get.key) };
  if ('delete' in operation) return { kind: 'delete', key: sound(operation.delete.key) };
  const { key, by = 1 } = operation.increment;
  return { kind: 'increment', key: sound(key), by: BigInt(by) };
}

function checkOf(check: TransactionCheck) {
  const key = sound(check.key);
  if ('version' in check) return { key, version: parseVersion(check.version) ?? 0 };
  return 'absent' in check ? { key, version: undefined } : { key, version: '*' as const };
}

function conditionsOf({ ifVersion, ifAbsent }: PutOptions): Conditions {
  return {
    ...(ifVersion === undefined ? {} : { ifMatch: [parseVersion(ifVersion)] }),
    ...(ifAbsent ? { ifNoneMatch: '*' as const } : {}),
  };
}

function expiryOf({ ttl, expiresAt }: PutOptions): Expiry {
  if (ttl !== undefined) {
    if (!(ttl > 0)) throw new AppError('invalid', `ttl must be a number of seconds above 0, not ${ttl}`);
    return { ttl: Math.max(1, Math.round(ttl * 1000)) };
  }
  return expiresAt === undefined ? 'never' : { at: expiresAt.getTime() };
}

function sound(key: string): string {
  const problem = keyProblem(key);
  if (problem !== undefined) throw new AppError('invalid', problem);
  return key;
}
