import type { Batch } from '../../../../application/ports/store.js';
import { type Entry, entryBytes } from '../../../../domain/entry.js';
import { StoreFencedError } from '../../../../domain/errors.js';
import type { TotalsLimit } from '../../../../domain/totals.js';
import { BatchedCalls } from '../../building-blocks/server/batched-calls.js';
import { encodeChanges } from '../../building-blocks/server/commit-log/change-codec.js';
import type { ServerCalls } from '../../building-blocks/server/server-calls.js';
import type { Connections } from './pools.js';
import type { PostgresCommitLog } from './postgres-commit-log.js';
import { commitError, isLostRace, isUndone } from './postgres-error.js';
import type { PostgresOptions } from './postgres-options.js';
import { columnsOf, int8Array, keyArray, rowOf, textArray } from './row-codec.js';

/** A commit that loses so many races in a row was not done. */
const MAX_RACES = 50;
/** How many commits of one key are one transaction at most, and of how many bytes. */
const MAX_TOGETHER = 128;
const MAX_BYTES = 1024 * 1024;
/** How many such transactions run at a time: commits that wait for one share the next one's sync. */
const MAX_RUNNING = 4;
const PATIENCE = 10;

/** A commit that changes the key of which it expects something. */
interface CommitOfOne {
  readonly batch: Batch;
  readonly key: string;
  readonly expected: number | undefined;
  /** Undefined if it is removed. */
  readonly entry: Entry | undefined;
}

/** A call of a function of the server, which returns whether the commit was done. */
interface CommitCall {
  readonly name: string;
  readonly call: string;
  readonly values: readonly unknown[];
}

/** The commits of a store. Those of one key that come together are one transaction, each with its own outcome. */
export class PostgresCommits {
  readonly #together = new BatchedCalls<CommitOfOne, boolean>({
    maxRunning: MAX_RUNNING,
    patience: PATIENCE,
    begin: () => fitting(),
    run: (commits) => this.#run(commits),
  });

  constructor(
    private readonly connections: Connections,
    private readonly table: string,
    private readonly calls: ServerCalls,
    private readonly log: PostgresCommitLog,
    private readonly options: Pick<PostgresOptions, 'commit_timeout'>,
  ) {}

  /** As `Store.commit`. */
  async commit(batch: Batch): Promise<boolean> {
    this.calls.requireOpen();
    const { expect = [], put = [], remove = [] } = batch;
    if (expect.length + put.length + remove.length === 0) return true;
    const one = commitOfOne(batch);
    return this.calls.run(() => (one === undefined ? this.#alone(batch) : this.#together.call(one)));
  }

  async #run(commits: readonly CommitOfOne[]): Promise<readonly (boolean | Promise<boolean>)[]> {
    const [only] = commits;
    if (commits.length === 1 && only !== undefined) return [await this.#alone(only.batch)];
    try {
      return await this.calls.inTime(this.options.commit_timeout, () => this.#group(commits));
    } catch (error) {
      const known = commitError(error, this.table);
      if (known instanceof StoreFencedError || !isUndone(error)) throw known;
      return commits.map(({ batch }) => this.#alone(batch));
    }
  }

  async #group(commits: readonly CommitOfOne[]): Promise<readonly boolean[]> {
    const { limit } = (commits[0] as CommitOfOne).batch;
    const records = commits.map(({ batch: { changes = [] } }) =>
      changes.length === 0 ? undefined : recordOf(changes),
    );
    const isRecorded = records.some((record) => record !== undefined);
    if (isRecorded) await this.log.require();
    const values = [
      ...(limit === undefined ? [null, null, null] : limitOf(limit)),
      int8Array(commits.map(({ expected }) => expected)),
      ...columnsOf(commits.map(({ key, entry }) => entry ?? { key })),
      isRecorded ? textArray(records) : null,
    ];
    const text = `SELECT * FROM ${this.table}_group(${placeholders(values.length)})`;
    const [row] = await this.connections.query({ name: `${this.table} group`, text, values });
    const { done, number } = row as unknown as { done: boolean[]; number: string | null };
    if (number !== null) {
      this.log.committed(Number(number), done.filter((it, i) => it && records[i] !== undefined).length);
    }
    return done;
  }

  async #alone(batch: Batch): Promise<boolean> {
    const call = this.#callOf(batch);
    const { changes = [] } = batch;
    const attempt = changes.length === 0 ? () => this.#call(call) : () => this.#callRecorded(call, recordOf(changes));
    for (let races = 1; ; races++) {
      try {
        return await this.calls.inTime(this.options.commit_timeout, attempt);
      } catch (error) {
        if (!isLostRace(error) || races === MAX_RACES) throw commitError(error, this.table);
      }
    }
  }

  #callOf(batch: Batch): CommitCall {
    const { expect = [], put = [], remove = [], limit } = batch;
    const keys = keyArray(expect.map(({ key }) => key));
    const versions = int8Array(expect.map(({ version }) => version));
    const values = [keys, versions, ...columnsOf(put), keyArray(remove)];
    if (limit !== undefined) return this.#named('within', [...limitOf(limit), ...values]);
    const one = commitOfOne(batch);
    if (one?.entry !== undefined) return this.#named('put', [one.expected ?? null, ...rowOf(one.entry)]);
    return this.#named('commit', values);
  }

  #named(name: string, values: readonly unknown[]): CommitCall {
    return { name, call: `${this.table}_${name}(${placeholders(values.length)})`, values };
  }

  async #call({ name, call, values }: CommitCall): Promise<boolean> {
    const query = { name: `${this.table} ${name}`, text: `SELECT ${call} AS done`, values };
    return (await this.connections.query(query))[0]?.done === true;
  }

  /** The same, and a row in the log. */
  async #callRecorded({ name, call, values }: CommitCall, record: string): Promise<boolean> {
    await this.log.require();
    const text = `SELECT CASE WHEN ${call} THEN ${this.table}_record($${values.length + 1}) END AS number`;
    const recorded = { name: `${this.table} ${name} recorded`, text, values: [...values, Buffer.from(record)] };
    const [row] = await this.connections.query(recorded);
    if (typeof row?.number !== 'string') return false;
    this.log.committed(Number(row.number));
    return true;
  }
}

function commitOfOne(batch: Batch): CommitOfOne | undefined {
  const { expect = [], put = [], remove = [] } = batch;
  const [expected, entry, removed] = [expect[0], put[0], remove[0]];
  if (expected === undefined || expect.length !== 1 || put.length + remove.length !== 1) return undefined;
  if ((entry?.key ?? removed) !== expected.key) return undefined;
  // What removes nothing is left to the function for all commits.
  if (entry === undefined && expected.version === undefined) return undefined;
  return { batch, key: expected.key, expected: expected.version, entry };
}

/** For a new group: whether a commit can join it, which is to say that it has another key and the same limit. */
function fitting(): (commit: CommitOfOne) => boolean {
  const keys = new Set<string>();
  let bytes = 0;
  let limit: TotalsLimit | undefined;
  return ({ key, entry, batch }) => {
    if (keys.size === 0) limit = batch.limit;
    if (keys.has(key) || !isSame(limit, batch.limit)) return false;
    keys.add(key);
    bytes += entry === undefined ? 0 : entryBytes(entry);
    return keys.size <= MAX_TOGETHER && bytes <= MAX_BYTES;
  };
}

function isSame(a: TotalsLimit | undefined, b: TotalsLimit | undefined): boolean {
  return a?.keys === b?.keys && a?.bytes === b?.bytes && a?.uncounted === b?.uncounted;
}

function recordOf(changes: NonNullable<Batch['changes']>): string {
  return JSON.stringify(encodeChanges(changes));
}

function placeholders(count: number): string {
  return Array.from({ length: count }, (_, i) => `$${i + 1}`).join();
}

/** Infinity is no integer. */
function limitOf({ keys, bytes, uncounted = 0 }: TotalsLimit): number[] {
  return [Math.min(keys, Number.MAX_SAFE_INTEGER), Math.min(bytes, Number.MAX_SAFE_INTEGER), uncounted];
}
