import type { Batch, Range, Store } from '../../../../application/ports/store.js';
import type { Change } from '../../../../domain/change.js';
import type { Entry, EntryHead } from '../../../../domain/entry.js';
import type { Totals, TotalsLimit } from '../../../../domain/totals.js';
import { encodeChanges } from '../../building-blocks/server/commit-log/change-codec.js';
import { ServerCalls } from '../../building-blocks/server/server-calls.js';
import type { Connections, Rows } from './pools.js';
import { PostgresCommitLog } from './postgres-commit-log.js';
import { commitError, isLostRace, readError } from './postgres-error.js';
import type { PostgresOptions } from './postgres-options.js';
import { PostgresReadView } from './postgres-read-view.js';
import { headsQuery, type NamedQuery, NO_LIMIT, scanQuery } from './range-query.js';
import { COLUMNS, columnsOf, entryFrom, headFrom, int8Array, keyArray, rowOf } from './row-codec.js';

/** A commit that loses so many races in a row was not done. */
const MAX_RACES = 50;

/** A call of a function of the server, which returns whether the commit was done. */
interface CommitCall {
  readonly name: string;
  readonly call: string;
  readonly values: readonly unknown[];
}

/** One project in tables of a PostgreSQL server. Nothing is kept here, so others may write there at the same time. */
export class PostgresStore implements Store {
  readonly #connections: Connections;
  readonly #options: Pick<PostgresOptions, 'timeout' | 'commit_timeout'>;
  readonly #table: string;
  readonly #calls: ServerCalls;
  readonly commitLog: PostgresCommitLog;
  readonly readView = () => PostgresReadView.begin(this.#table, this.#connections, this.#calls, this.#options.timeout);

  /** `table` is the name of the table of entries, with its schema. */
  constructor(connections: Connections, table: string, options: Pick<PostgresOptions, 'timeout' | 'commit_timeout'>) {
    this.#connections = connections;
    this.#table = table;
    this.#calls = new ServerCalls(table);
    this.#options = options;
    this.commitLog = new PostgresCommitLog(connections, table, this.#calls, (...query) => this.#read(...query));
  }

  async get(key: string): Promise<Entry | undefined> {
    const sql = `SELECT ${COLUMNS} FROM ${this.#table} WHERE key = $1`;
    const [row] = await this.#read('get', sql, [Buffer.from(key)]);
    return row && entryFrom(row);
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

  async commit(batch: Batch): Promise<boolean> {
    this.#calls.requireOpen();
    const { expect = [], put = [], remove = [] } = batch;
    if (expect.length + put.length + remove.length === 0) return true;
    const { changes = [] } = batch;
    const call = this.#commitCall(batch);
    const attempt = changes.length === 0 ? () => this.#call(call) : () => this.#callRecorded(call, changes);
    for (let races = 1; ; races++) {
      try {
        return await this.#calls.within(this.#options.commit_timeout, attempt);
      } catch (error) {
        if (!isLostRace(error) || races === MAX_RACES) throw commitError(error, this.#table);
      }
    }
  }

  unreadable(): readonly string[] {
    this.#calls.requireOpen();
    return [];
  }

  close(): Promise<void> {
    return this.#calls.close(() => this.#connections.release());
  }

  #commitCall({ expect = [], put = [], remove = [], limit }: Batch): CommitCall {
    const keys = keyArray(expect.map(({ key }) => key));
    const versions = int8Array(expect.map(({ version }) => version));
    const values = [keys, versions, ...columnsOf(put), keyArray(remove)];
    if (limit !== undefined) {
      const call = `${this.#table}_within($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)`;
      return { name: 'within', call, values: [...limitOf(limit), ...values] };
    }
    const [entry] = put;
    const [expected] = expect;
    const isOne = put.length === 1 && remove.length === 0 && expect.length === 1 && expected?.key === entry?.key;
    if (isOne && entry !== undefined) {
      const call = `${this.#table}_put($1,$2,$3,$4,$5,$6,$7,$8,$9)`;
      return { name: 'put', call, values: [expected?.version ?? null, ...rowOf(entry)] };
    }
    return { name: 'commit', call: `${this.#table}_commit($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`, values };
  }

  async #call({ name, call, values }: CommitCall): Promise<boolean> {
    const query = { name: `${this.#table} ${name}`, text: `SELECT ${call} AS done`, values };
    return (await this.#connections.query(query))[0]?.done === true;
  }

  /** The same, and a row in the log. */
  async #callRecorded({ name, call, values }: CommitCall, changes: readonly Change[]): Promise<boolean> {
    await this.commitLog.require();
    const text = `SELECT CASE WHEN ${call} THEN ${this.#table}_record($${values.length + 1}) END AS number`;
    const encoded = Buffer.from(JSON.stringify(encodeChanges(changes)));
    const recorded = { name: `${this.#table} ${name} recorded`, text, values: [...values, encoded] };
    const [row] = await this.#connections.query(recorded);
    if (typeof row?.number !== 'string') return false;
    this.commitLog.committed(Number(row.number));
    return true;
  }

  #read(name: string, text: string, values: readonly unknown[]): Promise<Rows> {
    return this.#run({ name: `${this.#table} ${name}`, text, values });
  }

  async #run(query: NamedQuery): Promise<Rows> {
    this.#calls.requireOpen();
    try {
      return await this.#calls.within(this.#options.timeout, () => this.#connections.query(query));
    } catch (error) {
      throw readError(error, this.#table);
    }
  }
}

/** Infinity is no integer. */
function limitOf({ keys, bytes, uncounted = 0 }: TotalsLimit): number[] {
  return [Math.min(keys, Number.MAX_SAFE_INTEGER), Math.min(bytes, Number.MAX_SAFE_INTEGER), uncounted];
}
