import type { CommitLog, CommitPage } from '../../../../application/ports/commit-log.js';
import { HistoryGoneError } from '../../../../domain/errors.js';
import { decodeChanges } from '../../building-blocks/server/commit-log/change-codec.js';
import { KEPT_COMMITS } from '../../building-blocks/server/commit-log/kept-commits.js';
import { Positions } from '../../building-blocks/server/commit-log/positions.js';
import { WakeUp } from '../../building-blocks/server/commit-log/wake-up.js';
import type { ServerCalls } from '../../building-blocks/server/server-calls.js';
import { makeUnlessMade } from './make-unless-made.js';
import type { Connections, Rows } from './pools.js';
import {
  addOrigin,
  beginAgain,
  createLog,
  dropUpTo,
  hasLog,
  hasOrigin,
  SELECT_START,
  selectAfter,
  selectEnd,
  selectOrigin,
} from './schema/log-schema.js';

/** How many commits are read at a time. */
const PAGE = 1000;
/** How often commits of other servers are looked for, in ms. */
const POLL_INTERVAL = 100;
/** After so many commits the oldest are dropped. */
const DROP_INTERVAL = 1000;

/** The log of a store's commits in tables beside it, which are made when they are first needed. */
export class PostgresCommitLog implements CommitLog {
  #positions: Positions;
  readonly #news = new WakeUp();
  #made: Promise<void> | undefined;

  /** `query` runs a query of a read. */
  constructor(
    private readonly connections: Connections,
    private readonly entries: string,
    private readonly calls: ServerCalls,
    private readonly query: (name: string, text: string, values: readonly unknown[]) => Promise<Rows>,
  ) {
    this.#positions = new Positions(entries, 2);
  }

  /** Makes the tables unless they are there. */
  require(): Promise<void> {
    this.#made ??= this.#make().catch((error: unknown) => {
      this.#made = undefined;
      throw error;
    });
    return this.#made;
  }

  /** Call it after commits of this handle, with the highest of their numbers. */
  committed(number: number, count = 1): void {
    this.#news.wake();
    if (number % DROP_INTERVAL >= count || number <= KEPT_COMMITS) return;
    void this.query('drop', dropUpTo(this.entries), [number - KEPT_COMMITS]).catch(() => undefined);
  }

  async end(): Promise<string> {
    await this.require();
    await this.#requireOrigin(this.query);
    const [row] = await this.query('end', selectEnd(this.entries), []);
    return this.#positions.format(Number(row?.at), Number(row?.n));
  }

  read(after: string | undefined, signal: AbortSignal): AsyncIterable<CommitPage> {
    return this.calls.until(signal, (open) => this.#read(after, open));
  }

  async *#read(after: string | undefined, signal: AbortSignal): AsyncGenerator<CommitPage> {
    await this.require();
    await this.#requireOrigin(this.query);
    let position = after;
    if (position === undefined) {
      const [start] = await this.query('start', SELECT_START, []);
      position = this.#positions.format(Number(start?.at), 0);
      yield { commits: [], position };
    }
    for (let isFirst = after !== undefined; !signal.aborted; isFirst = false) {
      const seen = this.#news.count;
      const page = await this.#page(position);
      position = page.position;
      if (isFirst || page.commits.length > 0) yield page;
      if (page.commits.length < PAGE) await this.#news.pause(POLL_INTERVAL, signal, seen);
    }
  }

  async #make(): Promise<void> {
    await makeUnlessMade(this.connections, hasLog(this.entries), createLog(this.entries));
    await makeUnlessMade(this.connections, hasOrigin(this.entries), addOrigin(this.entries));
    await this.#requireOrigin((_, text) => this.connections.query(text));
  }

  /** If the log was restored from a dump, begins it again: positions from before are not known then. */
  async #requireOrigin(query: (name: string, text: string, values: readonly unknown[]) => Promise<Rows>) {
    let [row] = await query('origin', selectOrigin(this.entries), []);
    if (row?.kept === false) {
      await query('begin again', beginAgain(this.entries), []);
      [row] = await query('origin', selectOrigin(this.entries), []);
    }
    const mark = String(row?.mark ?? '');
    this.#positions = new Positions(mark === '' ? this.entries : `${this.entries} ${mark}`, 2);
  }

  async #page(after: string): Promise<CommitPage> {
    const [at = 0, n = 0] = this.#positions.parse(after);
    const rows = await this.query('after', selectAfter(this.entries), [at, n, PAGE]);
    const dropped = this.#positions.format(Number(rows[0]?.dropped_at), Number(rows[0]?.dropped_n));
    // A server that was restored may have begun to count again.
    if (after < dropped || at > Number(rows[0]?.next)) throw new HistoryGoneError(after);
    const commits = rows
      .filter((row) => row.n !== null)
      .map((row) => ({
        position: this.#positions.format(Number(row.at), Number(row.n)),
        changes: decodeChanges(JSON.parse(String(row.changes))),
      }));
    return { commits, position: commits.at(-1)?.position ?? after };
  }
}
