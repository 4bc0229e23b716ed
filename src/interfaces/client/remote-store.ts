import { requireRange, wantsOld } from '../key-value-store/arguments.js';
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
  Deleted,
  Incremented,
  Removed,
  Replaced,
  ReturnOld,
  TransactionCheck,
  TransactionOperation,
  TransactionOptions,
  TransactionResults,
  Written,
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
import { append, put, remove, replace, take } from './entry-writes.js';
import type { ApiRequest, Connection, ConnectionOptions } from './http/connection.js';
import { PortkvError } from './http/portkv-error.js';
import { type ApiResponse, dataOf } from './http/response.js';
import { headOf, type Item, refuse, storedOf, storedOfResponse } from './items.js';
import { boundsOf, listed } from './lists.js';
import { runMany } from './many.js';
import { ifExists, ifHidden } from './outcomes.js';
import { queryOf, valuePath } from './paths.js';
import { prepared, runOne, runTransaction } from './transactions.js';
import { watch } from './watch.js';

/** What `with` changes for the calls of the store that it returns. */
export type CallOptions = Pick<ConnectionOptions, 'signal' | 'timeout' | 'retries'>;

/** The store of one project on a server. */
export class RemoteStore<T = unknown> implements KeyValueStore<T> {
  readonly #connection: Connection;
  readonly #project: string;
  readonly #closed: AbortController;

  /** `project` is the path of the project, relative to the address of the server. */
  constructor(connection: Connection, project: string, closed = new AbortController()) {
    this.#connection = connection;
    this.#project = project;
    this.#closed = closed;
  }

  /** The same store with another time limit, or with a signal that cancels its calls. */
  with(options: CallOptions): RemoteStore<T> {
    return new RemoteStore(this.#connection.with(options), this.#project, this.#closed);
  }

  async get<A extends ReadAs = 'auto'>(key: string, { as }: ReadOptions<A> = {}): Promise<Found<T, A> | undefined> {
    const request = { method: 'GET', path: valuePath(this.#project, key), repeat: 'safe' } as const;
    const response = await ifExists(this.#send(request));
    return response && storedOfResponse<T, A>(key, response, as);
  }

  getMany<A extends ReadAs = 'auto'>(
    keys: Iterable<string>,
    { as }: ReadOptions<A> = {},
  ): Promise<(Found<T, A> | undefined)[]> {
    return onDistinctKeys(
      [...keys].map((key) => ({ key, ...(as === undefined ? {} : { as }) })),
      (distinct) => this.#many(distinct.map((get) => ({ get }))),
    );
  }

  head(key: string): Promise<StoredHead | undefined> {
    return this.#one({ head: { key } });
  }

  async has(key: string): Promise<boolean> {
    return (await this.head(key)) !== undefined;
  }

  put<A extends WriteAs = 'json'>(
    key: string,
    value: WrittenValues<T>[A],
    options: PutOptions<A> & ReturnOld,
  ): Promise<Replaced<T>>;
  put<A extends WriteAs = 'json'>(key: string, value: WrittenValues<T>[A], options?: PutOptions<A>): Promise<string>;
  async put(
    key: string,
    value: T,
    { ifVersion, ifAbsent, return: wanted, ...options }: PutOptions<WriteAs> & Partial<ReturnOld> = {},
  ): Promise<Replaced<T> | string> {
    const isWanted = wantsOld({ return: wanted }, refuse);
    return (isWanted ? replace<T> : put)(
      this.#open,
      this.#project,
      { key, value, ...options },
      { ifVersion, ifAbsent },
    );
  }

  putMany(entries: Iterable<PutEntry<T>>): Promise<string[]> {
    return onDistinctKeys([...entries], async (distinct) => {
      const results = await this.#many<Written>(distinct.map((put) => ({ put })));
      return results.map(({ version }) => version);
    });
  }

  delete(key: string, options: IfVersion & ReturnOld): Promise<Removed<T>>;
  delete(key: string, conditions?: IfVersion): Promise<boolean>;
  async delete(
    key: string,
    { return: wanted, ...conditions }: IfVersion & Partial<ReturnOld> = {},
  ): Promise<Removed<T> | boolean> {
    const isWanted = wantsOld({ return: wanted }, refuse);
    return isWanted
      ? take<T>(this.#open, this.#project, key, conditions)
      : remove(this.#open, this.#project, key, conditions);
  }

  deleteMany(keys: Iterable<string>): Promise<boolean[]> {
    const entries = [...keys].map((key) => ({ key }));
    return onDistinctKeys(entries, async (distinct) => {
      const results = await this.#many<Deleted>(distinct.map(({ key }) => ({ delete: { key } })));
      return results.map(({ existed }) => existed);
    });
  }

  async increment(key: string, by: number | bigint = 1, options: IncrementOptions = {}): Promise<bigint> {
    const { ttl, expiresAt, ...conditions } = options;
    return (await this.#one<Incremented>({ increment: { key, by, ttl, expiresAt } }, conditions)).value;
  }

  async append(key: string, value: string | Uint8Array, conditions: WriteConditions = {}): Promise<string> {
    return append(this.#open, this.#project, { key, value }, conditions);
  }

  async merge(key: string, patch: unknown, conditions: IfVersion = {}): Promise<string | undefined> {
    return (await ifExists(this.#one<Written>({ merge: { key, patch } }, conditions)))?.version;
  }

  async touch(key: string, ttl: number | null, conditions: IfVersion = {}): Promise<string | undefined> {
    return (await ifExists(this.#one<Written>({ touch: { key, ttl } }, conditions)))?.version;
  }

  async *list<A extends ReadAs = 'auto'>({ as, ...options }: ListOptions<A> = {}): AsyncGenerator<Found<T, A>, void> {
    const entries = listed(this.#open, this.#project, options, 'list');
    for await (const { key, item } of entries) yield storedOf<T, A>(key, item as Item, as);
  }

  async *keys(options: KeysOptions = {}): AsyncGenerator<string, void> {
    for await (const { key } of listed(this.#open, this.#project, options, 'keys')) yield key;
  }

  async *heads(options: KeysOptions = {}): AsyncGenerator<StoredHead, void> {
    const entries = listed(this.#open, this.#project, options, 'heads');
    for await (const { key, item } of entries) yield headOf(key, item as Item);
  }

  async count(range: KeyRange = {}): Promise<number> {
    const path = `${this.#project}/store${queryOf({ count: 'only', ...boundsOf(range) })}`;
    const { count } = dataOf(await this.#send({ method: 'GET', path, repeat: 'safe' })) as { count: number };
    return count;
  }

  async clear({ prefix = '' }: WithPrefix = {}): Promise<number> {
    requireRange({ prefix }, refuse);
    // The route that removes everything returns no count.
    const before = prefix === '' ? await this.count().catch(ifHidden) : 0;
    const path = `${this.#project}/store${prefix === '' ? '' : queryOf({ prefix })}`;
    const removed = dataOf(await this.#send({ method: 'DELETE', path })) as { count: number | null } | null;
    return removed?.count ?? before;
  }

  async transaction<const O extends readonly TransactionOperation<T>[]>(
    operations: O,
    checks: readonly TransactionCheck[] = [],
    options: TransactionOptions = {},
  ): Promise<TransactionResults<O, T>> {
    const results = await runTransaction(this.#open, this.#project, operations.map(prepared), checks, options);
    return results as TransactionResults<O, T>;
  }

  watch(options: WatchOptions = {}): AsyncGenerator<StoreChange, void, undefined> {
    return watch(this.#open, this.#project, options, this.#closed.signal);
  }

  /** Ends the watches; later calls reject with `unavailable`. */
  async close(): Promise<void> {
    this.#closed.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
  }

  get #open(): Connection {
    if (!this.#closed.signal.aborted) return this.#connection;
    throw new PortkvError('unavailable', 'the store is closed');
  }

  async #send(request: ApiRequest): Promise<ApiResponse> {
    return this.#open.send(request);
  }

  async #one<R>(operation: TransactionOperation<T>, conditions: WriteConditions = {}): Promise<R> {
    return (await runOne(this.#open, this.#project, operation, conditions)) as R;
  }

  async #many<R>(operations: readonly TransactionOperation<T>[]): Promise<R[]> {
    const alone = async (operation: TransactionOperation<unknown>) => {
      if ('get' in operation) return this.get(operation.get.key, operation.get);
      const { key, value, ...options } = (operation as { put: PutEntry<T> }).put;
      return { version: await this.put(key, value as T, options as PutOptions) };
    };
    return (await runMany(this.#open, this.#project, operations, alone)) as R[];
  }
}
