import { requireValidKey } from '../../application/access/authorize.js';
import type { ChangeEntry } from '../../application/entries/change-entry.js';
import type { ListEntries } from '../../application/entries/list-entries.js';
import type { RemoveEntries } from '../../application/entries/remove-entries.js';
import type { OperationResult, RunTransaction } from '../../application/entries/run-transaction.js';
import type { WriteResult } from '../../application/entries/write-result.js';
import type { Keyspace } from '../../application/keyspace/keyspace.js';
import { headPages, type PagedRange, pages } from '../../application/keyspace/paging.js';
import { anonymousOf, type Identity } from '../../domain/api-key.js';
import { type EntryHead, headOf } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import { afterKey } from '../../domain/key.js';
import { isRead, type Operation } from '../../domain/operation.js';
import type { Transaction } from '../../domain/transaction.js';
import { formatVersion } from '../../domain/version.js';
import { requireRange } from '../key-value-store/arguments.js';
import type {
  KeyRange,
  KeysOptions,
  KeyValueStore,
  ListOptions,
  StoreChange,
  WatchOptions,
  WithPrefix,
} from '../key-value-store/key-value-store.js';
import { onDistinctKeys, parts } from '../key-value-store/many-entries.js';
import type {
  TransactionCheck,
  TransactionOperation,
  TransactionOptions,
  TransactionResults,
} from '../key-value-store/transaction.js';
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
} from '../key-value-store/values.js';
import { toCheck, toConditions, toOperation, toResult, toSum } from './operations.js';
import { refuse, toHead, toStored } from './stored.js';
import { watch } from './watch.js';

export interface UseCases {
  readonly changeEntry: ChangeEntry;
  readonly listEntries: ListEntries;
  readonly removeEntries: RemoveEntries;
  readonly runTransaction: RunTransaction;
}

/** The store of one project in this process: the use cases of the server, with JSON values in and out. */
export class PortkvStore<T = unknown> implements KeyValueStore<T> {
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

  async get<A extends ReadAs = 'auto'>(key: string, { as }: ReadOptions<A> = {}): Promise<Found<T, A> | undefined> {
    const entry = await this.#read(key);
    return entry && toStored<T, A>(entry, as);
  }

  async getMany<A extends ReadAs = 'auto'>(
    keys: Iterable<string>,
    { as }: ReadOptions<A> = {},
  ): Promise<(Found<T, A> | undefined)[]> {
    const all = [...keys];
    for (const key of all) requireValidKey(key);
    return (await this.#keyspace.getMany(all)).map((entry) => entry && toStored<T, A>(entry, as));
  }

  async head(key: string): Promise<StoredHead | undefined> {
    const head = await this.#readHead(key);
    return head && toHead(head);
  }

  async has(key: string): Promise<boolean> {
    return (await this.#readHead(key)) !== undefined;
  }

  async put<A extends WriteAs = 'json'>(
    key: string,
    value: WrittenValues<T>[A],
    { ifVersion, ifAbsent, ...options }: PutOptions<A> = {},
  ): Promise<string> {
    return versionOf(await this.#change({ put: { key, value, ...options } }, { ifVersion, ifAbsent }));
  }

  putMany(entries: Iterable<PutEntry<T>>): Promise<string[]> {
    return onDistinctKeys([...entries], async (distinct) => {
      const results = await this.#inParts(distinct.map((put) => toOperation({ put })));
      return results.map(versionOf);
    });
  }

  async delete(key: string, conditions: IfVersion = {}): Promise<boolean> {
    return (await this.#changeExisting({ delete: { key } }, conditions)) !== undefined;
  }

  deleteMany(keys: Iterable<string>): Promise<boolean[]> {
    const entries = [...keys].map((key) => ({ key }));
    return onDistinctKeys(entries, async (distinct) => {
      const results = await this.#inParts(distinct.map(({ key }) => toOperation({ delete: { key } })));
      return results.map(({ existed }) => existed);
    });
  }

  async increment(
    key: string,
    by: number | bigint = 1,
    { ifVersion, ifAbsent, ...expiry }: IncrementOptions = {},
  ): Promise<bigint> {
    const { after } = await this.#change({ increment: { key, by, ...expiry } }, { ifVersion, ifAbsent });
    return toSum(after?.value);
  }

  async append(key: string, value: string | Uint8Array, conditions: WriteConditions = {}): Promise<string> {
    return versionOf(await this.#change({ append: { key, value } }, conditions));
  }

  async merge(key: string, patch: unknown, conditions: IfVersion = {}): Promise<string | undefined> {
    const result = await this.#changeExisting({ merge: { key, patch } }, conditions);
    return result && versionOf(result);
  }

  async touch(key: string, ttl: number | null, conditions: IfVersion = {}): Promise<string | undefined> {
    const result = await this.#changeExisting({ touch: { key, ttl } }, conditions);
    return result && versionOf(result);
  }

  async *list<A extends ReadAs = 'auto'>({ as, ...options }: ListOptions<A> = {}): AsyncGenerator<Found<T, A>, void> {
    const entries = pages(this.#keyspace, rangeOf(options));
    for await (const entry of upTo(options.limit, entries)) yield toStored<T, A>(entry, as);
  }

  async *keys(options: KeysOptions = {}): AsyncGenerator<string, void> {
    for await (const { key } of upTo(options.limit, headPages(this.#keyspace, rangeOf(options)))) yield key;
  }

  async *heads(options: KeysOptions = {}): AsyncGenerator<StoredHead, void> {
    for await (const head of upTo(options.limit, headPages(this.#keyspace, rangeOf(options)))) yield toHead(head);
  }

  async count(range: KeyRange = {}): Promise<number> {
    return this.#useCases.listEntries.count(this.#caller, this.#keyspace.project, rangeOf(range));
  }

  async clear({ prefix = '' }: WithPrefix = {}): Promise<number> {
    this.#requireWritable();
    requireRange({ prefix }, refuse);
    const { count = 0 } = await this.#useCases.removeEntries.execute(this.#caller, this.#keyspace.project, { prefix });
    return count;
  }

  async transaction<const O extends readonly TransactionOperation<T>[]>(
    operations: O,
    checks: readonly TransactionCheck[] = [],
    { sequential }: TransactionOptions = {},
  ): Promise<TransactionResults<O, T>> {
    const results = await this.#run({
      operations: operations.map(toOperation),
      checks: checks.map(toCheck),
      sequential,
    });
    const shown = operations.map((operation, i) => toResult(operation, results[i] as OperationResult));
    return shown as TransactionResults<O, T>;
  }

  watch(options: WatchOptions = {}): AsyncGenerator<StoreChange, void> {
    return watch(this.#keyspace.changes, options);
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

  async #read(key: string) {
    requireValidKey(key);
    return this.#keyspace.get(key);
  }

  /** Without reading the value, if the engine can do that. */
  async #readHead(key: string): Promise<EntryHead | undefined> {
    requireValidKey(key);
    const { entries } = await this.#keyspace.scanHeads({ start: key, end: afterKey(key), limit: 1 });
    if (entries[0] !== undefined) return entries[0];
    // A scan leaves out what cannot be read, which is not missing.
    const entry = await this.#keyspace.get(key);
    return entry && headOf(entry);
  }

  async #inParts(operations: readonly Operation[]): Promise<readonly OperationResult[]> {
    const results: OperationResult[] = [];
    for (const part of parts(operations, (operation) => ('value' in operation ? operation.value.length : 0))) {
      results.push(...(await this.#run({ operations: part, checks: [] })));
    }
    return results;
  }

  async #run(transaction: Transaction): Promise<readonly OperationResult[]> {
    if (transaction.operations.some(({ kind }) => !isRead(kind))) this.#requireWritable();
    return this.#useCases.runTransaction.execute(this.#caller, this.#keyspace.project, transaction);
  }

  #change(operation: TransactionOperation<T>, conditions: WriteConditions): Promise<WriteResult> {
    this.#requireWritable();
    const { project } = this.#keyspace;
    const changed = toOperation(operation);
    return this.#useCases.changeEntry.execute(this.#caller, project, changed, toConditions(conditions));
  }

  /** Undefined if the entry does not exist. */
  async #changeExisting(
    operation: TransactionOperation<T>,
    conditions: WriteConditions,
  ): Promise<WriteResult | undefined> {
    try {
      return await this.#change(operation, conditions);
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return undefined;
      throw error;
    }
  }

  #requireWritable(): void {
    if (this.#readOnly) throw new AppError('forbidden', 'the store was opened with readOnly');
  }
}

function rangeOf(options: KeysOptions): PagedRange {
  requireRange(options, refuse);
  const { prefix, start, after, end, reverse } = options;
  return { prefix, start: after === undefined ? start : afterKey(after), end, reverse };
}

async function* upTo<E>(limit = Number.POSITIVE_INFINITY, pages: AsyncIterable<readonly E[]>): AsyncGenerator<E> {
  let left = limit;
  for await (const page of pages) {
    for (const entry of page) {
      if (left-- <= 0) return;
      yield entry;
    }
  }
}

function versionOf({ after }: WriteResult): string {
  return formatVersion(after?.version as number);
}
