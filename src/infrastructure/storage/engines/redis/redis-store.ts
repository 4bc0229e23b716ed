import type { Batch, Range, Store } from '../../../../application/ports/store.js';
import type { Entry, EntryHead } from '../../../../domain/entry.js';
import { LimitExceededError, StoreFencedError } from '../../../../domain/errors.js';
import { boundsOf } from '../../../../domain/key.js';
import type { Totals, TotalsLimit } from '../../../../domain/totals.js';
import { encodeChanges } from '../../building-blocks/server/commit-log/change-codec.js';
import { ServerCalls } from '../../building-blocks/server/server-calls.js';
import type { Connection } from './connections.js';
import { lexBounds } from './key-bounds.js';
import { RedisCommitLog } from './redis-commit-log.js';
import { commitError, missingStore, readError } from './redis-error.js';
import type { RedisOptions } from './redis-options.js';
import { RedisReadView } from './redis-read-view.js';
import { decodeEntry, decodeEntryHead, encodeEntry, HEAD_BYTES, versionText } from './redis-record.js';
import { type CommitResult, replicatedCommit } from './replicated-commit.js';

/** More than a range can have. */
const NO_LIMIT = 2 ** 31 - 1;

/** One project in the keys of a Redis server. Nothing is kept here, so others may write there at the same time. */
export class RedisStore implements Store {
  readonly #connection: Connection;
  readonly #options: Pick<RedisOptions, 'timeout' | 'commit_timeout' | 'wait'>;
  readonly #name: string;
  readonly #calls: ServerCalls;
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
    this.commitLog = new RedisCommitLog(connection, name, this.#calls, (command) => this.#read(command), options);
  }

  async get(key: string): Promise<Entry | undefined> {
    const [entry] = await this.getMany([key]);
    return entry;
  }

  async getMany(keys: readonly string[]): Promise<readonly (Entry | undefined)[]> {
    const names = keys.map((key) => `${this.#name}:e:${key}`);
    const [made, ...found] = await this.#read((redis) => redis.mgetBuffer(`${this.#name}:made`, ...names));
    if (made === null) throw missingStore(this.#name);
    return found.map((entry, i) => (entry === null ? undefined : decodeEntry(keys[i] as string, entry)));
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

  async commit({ expect = [], put = [], remove = [], limit, changes = [] }: Batch): Promise<boolean> {
    this.#calls.requireOpen();
    if (expect.length + put.length + remove.length === 0) return true;
    const values: (string | number | Buffer)[] = [expect.length, put.length, remove.length, ...limitOf(limit)];
    values.push(changes.length === 0 ? '' : JSON.stringify(encodeChanges(changes)));
    for (const { key, version } of expect) values.push(key, versionText(version));
    for (const entry of put) values.push(entry.key, encodeEntry(entry));
    values.push(...remove);
    const { commit_timeout: seconds, wait } = this.#options;
    const { commits } = this.#connection;
    let done: CommitResult;
    try {
      done = await this.#within(seconds, () =>
        wait === 0
          ? commits.portkvCommit(this.#name, ...values)
          : replicatedCommit(commits, this.#name, values, wait, seconds / 2),
      );
    } catch (error) {
      throw commitError(error, this.#name);
    }
    if (done === -1) throw missingStore(this.#name);
    if (done === -2) throw new StoreFencedError(this.#name);
    if (Array.isArray(done)) throw new LimitExceededError(...done);
    return done === 1;
  }

  unreadable(): readonly string[] {
    this.#calls.requireOpen();
    return [];
  }

  close(): Promise<void> {
    return this.#calls.close(() => this.#connection.release());
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

  async #read<T>(command: (redis: Connection['redis']) => Promise<T>): Promise<T> {
    this.#calls.requireOpen();
    try {
      return await this.#within(this.#options.timeout, () => command(this.#connection.redis));
    } catch (error) {
      throw readError(error, this.#name);
    }
  }

  #within<T>(seconds: number, command: () => Promise<T>): Promise<T> {
    return this.#calls.within(seconds, () => this.#connection.ready().then(command));
  }
}

/** Infinity is no number for Lua. */
function limitOf(limit: TotalsLimit | undefined): (number | string)[] {
  if (limit === undefined) return ['', '', ''];
  const { keys, bytes, uncounted = 0 } = limit;
  return [Math.min(keys, Number.MAX_SAFE_INTEGER), Math.min(bytes, Number.MAX_SAFE_INTEGER), uncounted];
}
