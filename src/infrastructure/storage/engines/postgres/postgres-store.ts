import type { Awaitable } from '../../../../application/awaitable.js';
import type { Batch, Range, Store } from '../../../../application/ports/store.js';
import type { Entry, EntryHead } from '../../../../domain/entry.js';
import type { Totals } from '../../../../domain/totals.js';
import { BatchedCalls, upTo } from '../../building-blocks/server/batched-calls.js';
import { ServerCalls } from '../../building-blocks/server/server-calls.js';
import type { Connections, Rows } from './pools.js';
import { PostgresCommitLog } from './postgres-commit-log.js';
import { PostgresCommits } from './postgres-commits.js';
import { readError } from './postgres-error.js';
import type { PostgresOptions } from './postgres-options.js';
import { PostgresReadView } from './postgres-read-view.js';
import { headsQuery, type NamedQuery, NO_LIMIT, scanQuery } from './range-query.js';
import { COLUMNS, entryFrom, HEAD_COLUMNS, headFrom, keyArray } from './row-codec.js';

/** How many reads of one key are one query at most, and of how many bytes a value is read by a query of its own. */
const MAX_TOGETHER = 128;
const LARGE_VALUE = 64 * 1024;
/** How many such queries run at a time. One is enough for a fast server: those that wait for it are more together. */
const MAX_RUNNING = 4;
const PATIENCE = 5;

/** One project in tables of a PostgreSQL server. Nothing is kept here, so others may write there at the same time. */
export class PostgresStore implements Store {
  readonly #connections: Connections;
  readonly #options: Pick<PostgresOptions, 'timeout' | 'commit_timeout'>;
  readonly #table: string;
  readonly #calls: ServerCalls;
  readonly #commits: PostgresCommits;
  readonly #together: string;
  readonly #gets = new BatchedCalls<string, Entry | undefined>({
    maxRunning: MAX_RUNNING,
    patience: PATIENCE,
    begin: () => upTo(MAX_TOGETHER),
    run: (keys) => this.#getTogether(keys),
  });
  readonly commitLog: PostgresCommitLog;
  readonly readView = () => PostgresReadView.begin(this.#table, this.#connections, this.#calls, this.#options.timeout);

  /** `table` is the name of the table of entries, with its schema. */
  constructor(connections: Connections, table: string, options: Pick<PostgresOptions, 'timeout' | 'commit_timeout'>) {
    this.#connections = connections;
    this.#table = table;
    this.#calls = new ServerCalls(table);
    this.#options = options;
    this.commitLog = new PostgresCommitLog(connections, table, this.#calls, (...query) => this.#read(...query));
    this.#commits = new PostgresCommits(connections, table, this.#calls, this.commitLog, options);
    this.#together = selectTogether(table);
  }

  get(key: string): Promise<Entry | undefined> {
    return this.#calls.run(() => this.#gets.call(key));
  }

  async getMany(keys: readonly string[]): Promise<readonly (Entry | undefined)[]> {
    this.#calls.requireOpen();
    if (keys.length === 0) return [];
    const sql = `SELECT ${COLUMNS} FROM ${this.#table} WHERE key = ANY ($1::bytea[])`;
    const entries = (await this.#read('many', sql, [keyArray([...new Set(keys)])])).map(entryFrom);
    const byKey = new Map(entries.map((entry) => [entry.key, entry]));
    return keys.map((key) => byKey.get(key));
  }

  async scan(range: Range): Promise<readonly Entry[]> {
    return (await this.#run(scanQuery(this.#table, range))).map(entryFrom);
  }

  async scanHeads(range: Omit<Range, 'bytes'>): Promise<readonly EntryHead[]> {
    return (await this.#run(headsQuery(this.#table, range))).map(headFrom);
  }

  async expiring(before: number, limit: number): Promise<readonly string[]> {
    const sql = `SELECT key FROM ${this.#table} WHERE expires <= $1 ORDER BY expires, key LIMIT $2`;
    const rows = await this.#read('expiring', sql, [before, Math.min(limit, NO_LIMIT)]);
    return rows.map(({ key }) => (key as Buffer).toString());
  }

  async size(): Promise<Totals> {
    const sql = `SELECT sum(keys)::int8 AS keys, sum(bytes)::int8 AS bytes FROM ${this.#table}_sizes`;
    const [row] = await this.#read('size', sql, []);
    return { keys: Number(row?.keys), bytes: Number(row?.bytes) };
  }

  commit(batch: Batch): Promise<boolean> {
    return this.#commits.commit(batch);
  }

  unreadable(): readonly string[] {
    this.#calls.requireOpen();
    return [];
  }

  close(): Promise<void> {
    return this.#calls.close(() => this.#connections.release());
  }

  /** Keys may occur more than once. */
  async #getTogether(keys: readonly string[]): Promise<readonly Awaitable<Entry | undefined>[]> {
    const [only] = keys;
    if (keys.length === 1 && only !== undefined) return [await this.#getAlone(only)];
    const rows = await this.#answer('together', this.#together, [keyArray([...new Set(keys)])]);
    const found = new Map(rows.map((row) => [String(row.key), row]));
    return keys.map((key) => {
      const row = found.get(key);
      return row && (row.value === null ? this.#getAlone(key) : entryFrom(row));
    });
  }

  async #getAlone(key: string): Promise<Entry | undefined> {
    const sql = `SELECT ${COLUMNS} FROM ${this.#table} WHERE key = $1`;
    const [row] = await this.#answer('get', sql, [Buffer.from(key)]);
    return row && entryFrom(row);
  }

  #read(name: string, text: string, values: readonly unknown[]): Promise<Rows> {
    return this.#calls.run(() => this.#answer(name, text, values));
  }

  #run(query: NamedQuery): Promise<Rows> {
    return this.#calls.run(() => this.#inTime(query));
  }

  #answer(name: string, text: string, values: readonly unknown[]): Promise<Rows> {
    return this.#inTime({ name: `${this.#table} ${name}`, text, values });
  }

  async #inTime(query: NamedQuery): Promise<Rows> {
    try {
      return await this.#calls.inTime(this.#options.timeout, () => this.#connections.query(query));
    } catch (error) {
      throw readError(error, this.#table);
    }
  }
}

/** However few rows the server takes the table to have, each key is looked up in the index. */
function selectTogether(table: string): string {
  const value = `CASE WHEN octet_length(value) < ${LARGE_VALUE} THEN value END AS value`;
  const entry = `SELECT ${HEAD_COLUMNS}, ${value} FROM ${table} t WHERE t.key = k.key LIMIT 1`;
  return `SELECT e.* FROM unnest($1::bytea[]) k(key), LATERAL (${entry}) e`;
}
