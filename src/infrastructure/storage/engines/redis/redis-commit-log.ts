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

/** The log of a store's commits in a stream, whose ids count without a gap. */
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
    this.#positions = new Positions(name, 1);
  }

  async end(): Promise<string> {
    return this.#positions.format(await this.#last());
  }

  read(after: string | undefined, signal: AbortSignal): AsyncIterable<CommitPage> {
    return this.calls.until(signal, (open) => this.#read(after, open));
  }

  async *#read(after: string | undefined, signal: AbortSignal): AsyncGenerator<CommitPage> {
    let position = after ?? (await this.end());
    if (this.#numberOf(position) > (await this.#last())) throw new HistoryGoneError(position);
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
    const number = this.#numberOf(after);
    const wait = isFirst ? [] : ['BLOCK', BLOCK];
    // A connection that is lost without a word never answers.
    const found = await this.calls.within(this.options.timeout + BLOCK / 1000, () =>
      redis.xreadBuffer('COUNT', PAGE, ...wait, 'STREAMS', `${this.name}:log`, `${number}-0`),
    );
    const entries = found?.[0]?.[1] ?? [];
    // The server may have lost what it had.
    if (entries.length === 0 && (await this.#last()) < number) throw new HistoryGoneError(after);
    const commits = entries.map(([id, [, changes]]) => ({
      position: this.#positions.format(Number.parseInt(id.toString(), 10)),
      changes: decodeChanges(JSON.parse(String(changes))),
    }));
    const [first] = commits;
    if (first !== undefined && this.#numberOf(first.position) !== number + 1) throw new HistoryGoneError(after);
    return { commits, position: commits.at(-1)?.position ?? after };
  }

  #numberOf(position: string): number {
    return this.#positions.parse(position)[0] as number;
  }

  /** The number of the last commit. */
  async #last(): Promise<number> {
    const [keys, commits] = await this.query((redis) => redis.hmget(`${this.name}:size`, 'keys', 'commits'));
    if (typeof keys !== 'string') throw missingStore(this.name);
    return Number(commits ?? 0);
  }

  async #connect(): Promise<Client> {
    try {
      return await this.connection.another();
    } catch (error) {
      throw readError(error, this.name);
    }
  }
}
