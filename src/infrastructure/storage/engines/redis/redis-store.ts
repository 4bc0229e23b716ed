import type { Awaitable } from '../../../../application/awaitable.js';
import type { Batch, Range, Store } from '../../../../application/ports/store.js';
import type { Entry, EntryHead } from '../../../../domain/entry.js';
import { boundsOf } from '../../../../domain/key.js';
import type { Totals } from '../../../../domain/totals.js';
import { BatchedCalls, upTo } from '../../building-blocks/server/batched-calls.js';
import { ServerCalls } from '../../building-blocks/server/server-calls.js';
import type { Connection } from './connections.js';
import { lexBounds } from './key-bounds.js';
import { RedisCommitLog } from './redis-commit-log.js';
import { RedisCommits } from './redis-commits.js';
import { missingStore, readError } from './redis-error.js';
import type { RedisOptions } from './redis-options.js';
import { RedisReadView } from './redis-read-view.js';
import { decodeEntry, decodeEntryHead, HEAD_BYTES } from './redis-record.js';

/** More than a range can have. */
const NO_LIMIT = 2 ** 31 - 1;
/** How many reads of one key are made together at most. */
const MAX_TOGETHER = 128;

/** One project in the keys of a Redis server. Nothing is kept here, so others may write there at the same time. */
export class RedisStore implements Store {
  readonly #connection: Connection;
  readonly #options: Pick<RedisOptions, 'timeout' | 'commit_timeout' | 'wait'>;
  readonly #name: string;
  readonly #calls: ServerCalls;
  readonly #commits: RedisCommits;
  readonly #gets = new BatchedCalls<string, Entry | undefined>({
    maxRunning: Number.POSITIVE_INFINITY,
    begin: () => upTo(MAX_TOGETHER),
    run: (keys) => this.#getTogether(keys),
  });
  readonly commitLog: RedisCommitLog;
  readonly readView = () => RedisReadView.begin(this.#name, this.#calls, (command) => this.#read(command));

  /** `name` is what the names of all its keys begin with. */
  constructor(
    connection: Connection,
    name: string,
    options: Pick<RedisOptions, 'timeout' | 'commit_timeout' | 'wait'>,
  ) {
    this.#connection = connection;
    this.#name = name;
    this.#calls = new ServerCalls(name);
    this.#options = options;
    this.#commits = new RedisCommits(connection, name, this.#calls, options);
    this.commitLog = new RedisCommitLog(connection, name, this.#calls, (command) => this.#read(command), options);
  }

  get(key: string): Promise<Entry | undefined> {
    return this.#calls.run(() => this.#gets.call(key));
  }

  async getMany(keys: readonly string[]): Promise<readonly (Entry | undefined)[]> {
    return (await this.#calls.run(() => this.#stored(keys))).map(decoded);
  }

  async scan(range: Range): Promise<readonly Entry[]> {
    return (await this.#scan(range, NO_LIMIT)).map(({ key, stored }) => decodeEntry(key, stored));
  }

  async scanHeads(range: Omit<Range, 'bytes'>): Promise<readonly EntryHead[]> {
    const found = await this.#scan(range, HEAD_BYTES);
    return found.map(({ key, stored, length }) => decodeEntryHead(key, stored, length));
  }

  async expiring(before: number, limit: number): Promise<readonly string[]> {
    const range = ['-inf', before, 'LIMIT', 0, Math.min(limit, NO_LIMIT)];
    const keys = await this.#read((redis) => redis.zrangebyscoreBuffer(`${this.#name}:expiry`, ...range));
    return keys.map((key) => key.toString());
  }

  async size(): Promise<Totals> {
    const [keys, bytes] = await this.#read((redis) => redis.hmget(`${this.#name}:size`, 'keys', 'bytes'));
    if (typeof keys !== 'string') throw missingStore(this.#name);
    return { keys: Number(keys), bytes: Number(bytes) };
  }

  commit(batch: Batch): Promise<boolean> {
    return this.#commits.commit(batch);
  }

  unreadable(): readonly string[] {
    this.#calls.requireOpen();
    return [];
  }

  close(): Promise<void> {
    return this.#calls.close(() => this.#connection.release());
  }

  /** What is stored under the keys, which may be several calls' and may occur more than once. */
  async #getTogether(keys: readonly string[]): Promise<readonly Awaitable<Entry | undefined>[]> {
    const stored = await this.#stored([...new Set(keys)]);
    // One that is damaged does not concern the others.
    const found = new Map(stored.map((it) => [it.key, decodedOrRejected(it)]));
    return keys.map((key) => found.get(key));
  }

  async #stored(keys: readonly string[]): Promise<readonly StoredEntry[]> {
    const names = keys.map((key) => `${this.#name}:e:${key}`);
    const [made, ...found] = await this.#answer((redis) => redis.mgetBuffer(`${this.#name}:made`, ...names));
    if (made === null) throw missingStore(this.#name);
    return found.map((stored, i) => ({ key: keys[i] as string, stored: stored ?? undefined }));
  }

  async #scan({ limit, bytes = Number.MAX_SAFE_INTEGER, reverse, ...bounds }: Range, most: number) {
    this.#calls.requireOpen();
    if (limit === 0) return [];
    const { low, high } = boundsOf(bounds);
    const [from, to] = lexBounds(low, high);
    const command = reverse === true ? ['zrevrangebylex', to, from] : ['zrangebylex', from, to];
    const values = [...command, Math.min(limit, NO_LIMIT), bytes, most - 1];
    const found = await this.#read((redis) => redis.portkvScanBuffer(this.#name, ...values));
    if (found === null) throw missingStore(this.#name);
    return Array.from({ length: found.length / 3 }, (_, i) => ({
      key: (found[3 * i] as Buffer).toString(),
      stored: found[3 * i + 1] as Buffer,
      length: Number(found[3 * i + 2]),
    }));
  }

  #read<T>(command: (redis: Connection['redis']) => Promise<T>): Promise<T> {
    return this.#calls.run(() => this.#answer(command));
  }

  async #answer<T>(command: (redis: Connection['redis']) => Promise<T>): Promise<T> {
    const { ready, redis } = this.#connection;
    try {
      return await this.#calls.inTime(this.#options.timeout, () => ready().then(() => command(redis)));
    } catch (error) {
      throw readError(error, this.#name);
    }
  }
}

interface StoredEntry {
  readonly key: string;
  readonly stored: Buffer | undefined;
}

function decoded({ key, stored }: StoredEntry): Entry | undefined {
  return stored === undefined ? undefined : decodeEntry(key, stored);
}

function decodedOrRejected(it: StoredEntry): Awaitable<Entry | undefined> {
  try {
    return decoded(it);
  } catch (error) {
    return Promise.reject(error);
  }
}
