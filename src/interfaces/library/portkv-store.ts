import { requireValidKey } from '../../application/access/authorize.js';
import type { ListEntries } from '../../application/entries/list-entries.js';
import type { OperationResult } from '../../application/entries/run-transaction.js';
import type { Keyspace } from '../../application/keyspace/keyspace.js';
import { headPages, pages } from '../../application/keyspace/paging.js';
import { anonymousOf, type Identity } from '../../domain/api-key.js';
import { type EntryHead, headOf } from '../../domain/entry.js';
import { afterKey } from '../../domain/key.js';
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
import { onDistinctKeys } from '../key-value-store/many-entries.js';
import type {
  Removed,
  Replaced,
  ReturnOld,
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
import { toCheck, toOperation, toResult, toSum, toWritten, versionOf } from './operations.js';
import { rangeOf, upTo } from './ranges.js';
import { refuse, toHead, toStored } from './stored.js';
import { watch } from './watch.js';
import { Writer, type WriteUseCases } from './writer.js';

export interface UseCases extends WriteUseCases {
  readonly listEntries: ListEntries;
}

/** The store of one project in this process: the use cases of the server, with JSON values in and out. */
export class PortkvStore<T = unknown> implements KeyValueStore<T> {
  readonly #keyspace: Keyspace;
  /** A program that has the files needs no key. */
  readonly #caller: Identity;
  readonly #listEntries: ListEntries;
  readonly #writer: Writer;
  readonly #close: () => Promise<void>;

  constructor(keyspace: Keyspace, useCases: UseCases, readOnly: boolean, close: () => Promise<void>) {
    this.#keyspace = keyspace;
    this.#caller = anonymousOf(keyspace.project);
    this.#listEntries = useCases.listEntries;
    this.#writer = new Writer(this.#caller, keyspace.project, useCases, readOnly);
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

  put<A extends WriteAs = 'json'>(
    key: string,
    value: WrittenValues<T>[A],
    options: PutOptions<A> & ReturnOld,
  ): Promise<Replaced<T>>;
  put<A extends WriteAs = 'json'>(key: string, value: WrittenValues<T>[A], options?: PutOptions<A>): Promise<string>;
  async put(
    key: string,
    value: unknown,
    { ifVersion, ifAbsent, ...options }: PutOptions<WriteAs> & Partial<ReturnOld> = {},
  ): Promise<Replaced<T> | string> {
    const put = { key, value, ...options };
    const result = await this.#writer.change({ put }, { ifVersion, ifAbsent });
    return options.return === undefined ? versionOf(result) : (toWritten({ put }, result) as Replaced<T>);
  }

  putMany(entries: Iterable<PutEntry<T>>): Promise<string[]> {
    return onDistinctKeys([...entries], async (distinct) => {
      const results = await this.#writer.runInParts(distinct.map((put) => toOperation({ put })));
      return results.map(versionOf);
    });
  }

  delete(key: string, options: IfVersion & ReturnOld): Promise<Removed<T>>;
  delete(key: string, conditions?: IfVersion): Promise<boolean>;
  async delete(
    key: string,
    { return: wanted, ...conditions }: IfVersion & Partial<ReturnOld> = {},
  ): Promise<Removed<T> | boolean> {
    const operation = { delete: { key, return: wanted } };
    const result = await this.#writer.changeExisting(operation, conditions);
    if (wanted === undefined) return result !== undefined;
    return result === undefined ? { existed: false, old: undefined } : (toWritten(operation, result) as Removed<T>);
  }

  deleteMany(keys: Iterable<string>): Promise<boolean[]> {
    const entries = [...keys].map((key) => ({ key }));
    return onDistinctKeys(entries, async (distinct) => {
      const results = await this.#writer.runInParts(distinct.map(({ key }) => toOperation({ delete: { key } })));
      return results.map(({ existed }) => existed);
    });
  }

  async increment(
    key: string,
    by: number | bigint = 1,
    { ifVersion, ifAbsent, ...expiry }: IncrementOptions = {},
  ): Promise<bigint> {
    const { after } = await this.#writer.change({ increment: { key, by, ...expiry } }, { ifVersion, ifAbsent });
    return toSum(after?.value);
  }

  async append(key: string, value: string | Uint8Array, conditions: WriteConditions = {}): Promise<string> {
    return versionOf(await this.#writer.change({ append: { key, value } }, conditions));
  }

  async merge(key: string, patch: unknown, conditions: IfVersion = {}): Promise<string | undefined> {
    const result = await this.#writer.changeExisting({ merge: { key, patch } }, conditions);
    return result && versionOf(result);
  }

  async touch(key: string, ttl: number | null, conditions: IfVersion = {}): Promise<string | undefined> {
    const result = await this.#writer.changeExisting({ touch: { key, ttl } }, conditions);
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
    return this.#listEntries.count(this.#caller, this.#keyspace.project, rangeOf(range));
  }

  async clear({ prefix = '' }: WithPrefix = {}): Promise<number> {
    requireRange({ prefix }, refuse);
    return this.#writer.removeAll(prefix);
  }

  async transaction<const O extends readonly TransactionOperation<T>[]>(
    operations: O,
    checks: readonly TransactionCheck[] = [],
    { sequential }: TransactionOptions = {},
  ): Promise<TransactionResults<O, T>> {
    const results = await this.#writer.run({
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
}
