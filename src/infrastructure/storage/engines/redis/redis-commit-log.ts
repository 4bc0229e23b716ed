import type { Client } from 'ioredis';
import type { CommitLog, CommitPage } from '../../../../application/ports/commit-log.js';
import { HistoryGoneError } from '../../../../domain/errors.js';
import { decodeChanges } from '../../building-blocks/server/commit-log/change-codec.js';
import { Positions } from '../../building-blocks/server/commit-log/positions.js';
import type { ServerCalls } from '../../building-blocks/server/server-calls.js';
import type { Connection } from './connections.js';
import { missingStore, readError } from './redis-error.js';
import type { RedisOptions } from './redis-options.js';

/** How many commits are read at a time. */
const PAGE = 1000;
/** How long the server is asked to wait for a commit, in ms: then it is asked whether the store is still there. */
const BLOCK = 1000;

type Read = <T>(command: (redis: Client) => Promise<T>) => Promise<T>;

/** What stands in the log: the number of a commit, and its mark; none before the first. */
type Id = readonly [number: number, mark: number];

/**
 * The log of a store's commits in a stream, whose ids count without a gap. A failover may lose the last commits, and
 * then others get their numbers: a position has the mark of its commit, too.
 */
export class RedisCommitLog implements CommitLog {
  readonly #positions: Positions;

  /** `read` runs a command on the connection that all share. */
  constructor(
    private readonly connection: Connection,
    private readonly name: string,
    private readonly calls: ServerCalls,
    private readonly query: Read,
    private readonly options: Pick<RedisOptions, 'timeout'>,
  ) {
    this.#positions = new Positions(name, 2);
  }

  async end(): Promise<string> {
    return this.#positions.format(...(await this.#last()));
  }

  read(after: string | undefined, signal: AbortSignal): AsyncIterable<CommitPage> {
    return this.calls.until(signal, (open) => this.#read(after, open));
  }

  async *#read(after: string | undefined, signal: AbortSignal): AsyncGenerator<CommitPage> {
    let position = after ?? (await this.end());
    await this.#require(position);
    if (after === undefined) yield { commits: [], position };
    const redis = await this.#connect();
    const stop = () => redis.disconnect();
    signal.addEventListener('abort', stop);
    try {
      for (let isFirst = after !== undefined; !signal.aborted; isFirst = false) {
        const page = await this.#page(redis, position, isFirst);
        position = page.position;
        if (isFirst || page.commits.length > 0) yield page;
      }
    } catch (error) {
      if (!signal.aborted) throw readError(error, this.name);
    } finally {
      signal.removeEventListener('abort', stop);
      redis.disconnect();
    }
  }

  /** What follows a position; an empty page after some time if nothing does, or at once if it `isFirst`. */
  async #page(redis: Client, after: string, isFirst: boolean): Promise<CommitPage> {
    const [number, mark] = this.#idOf(after);
    const wait = isFirst ? [] : ['BLOCK', BLOCK];
    // A connection that is lost without a word never answers.
    const found = await this.calls.within(this.options.timeout + BLOCK / 1000, () =>
      redis.xreadBuffer('COUNT', PAGE, ...wait, 'STREAMS', `${this.name}:log`, `${number}-${mark}`),
    );
    const entries = found?.[0]?.[1] ?? [];
    // The server may have lost what it had.
    if (entries.length === 0) await this.#require(after);
    const commits = entries.map(([id, [, changes]]) => ({
      position: this.#positions.format(...parsed(id)),
      changes: decodeChanges(JSON.parse(String(changes))),
    }));
    const [first] = commits;
    if (first !== undefined && this.#idOf(first.position)[0] !== number + 1) throw new HistoryGoneError(after);
    return { commits, position: commits.at(-1)?.position ?? after };
  }

  #idOf(position: string): Id {
    return this.#positions.parse(position) as [number, number];
  }

  /** Throws `HistoryGoneError` unless the commit of a position is in the log. */
  async #require(position: string): Promise<void> {
    const [number, mark] = this.#idOf(position);
    const id = `${number}-${mark}`;
    const found = await this.query((redis) => redis.xrangeBuffer(`${this.name}:log`, id, id));
    if (found.length > 0) return;
    const [last, lastMark] = await this.#last();
    // Nothing precedes the first, and nothing is in a log that was emptied.
    if (number > 0 && (last !== number || lastMark !== mark)) throw new HistoryGoneError(position);
  }

  /** The last commit. */
  async #last(): Promise<Id> {
    // In this order: what is written meanwhile is in the log.
    const [keys, commits] = await this.query((redis) => redis.hmget(`${this.name}:size`, 'keys', 'commits'));
    const [last] = await this.query((redis) => redis.xrevrangeBuffer(`${this.name}:log`, '+', '-', 'COUNT', 1));
    if (typeof keys !== 'string') throw missingStore(this.name);
    return last === undefined ? [Number(commits ?? 0), 0] : parsed(last[0]);
  }

  async #connect(): Promise<Client> {
    try {
      return await this.connection.another();
    } catch (error) {
      throw readError(error, this.name);
    }
  }
}

function parsed(id: Buffer): Id {
  const [number, mark] = id.toString().split('-');
  return [Number(number), Number(mark)];
}
