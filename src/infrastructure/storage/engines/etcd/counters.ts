import { randomUUID } from 'node:crypto';
import type { Change } from '../../../../domain/change.js';
import { AppError, CommitRefusedError, StoreFencedError } from '../../../../domain/errors.js';
import type { Totals } from '../../../../domain/totals.js';
import { decodeChanges, type EncodedChanges } from '../../building-blocks/server/commit-log/change-codec.js';
import { isFull, readError, refusalOf } from './client/etcd-error.js';
import { type Compare, type KeyValue, type RequestOp, unchanged, unchangedSince } from './client/messages.js';
import type { OpenStore } from './open-store.js';

/** A row of counters that has not changed for so long belongs to a handle that is gone, in ms. */
const OLD = 60 * 60 * 1000;
/** The pause between attempts to learn what a commit did, in ms. */
const PAUSE = 100;

/** What the commits of one handle added, and which of them was the last. */
interface Row {
  readonly keys: number;
  readonly bytes: number;
  readonly commit: string;
  /** When it was written, in ms. */
  readonly at: number;
  /** The changes of that commit, by batch: the revisions of this row are the commit log. */
  readonly changes?: readonly EncodedChanges[];
}

const NONE = { keys: 0, bytes: 0, mod: 0 };

/** A commit of which the members did not say whether it was done. */
interface Unsettled {
  readonly row: Buffer;
  readonly mod: number;
  readonly sizes: Totals;
  readonly commit: string;
}

/** By the name of the store: a commit of a handle that was given up may still arrive. */
const unsettled = new Map<string, readonly Unsettled[]>();

/**
 * The counters of one open handle. Each commit replaces them and compares the revision they had, so that commits of a
 * handle follow one another; other handles have rows of their own, and do not wait.
 */
export class Counters {
  readonly #store: OpenStore;
  readonly #row: Buffer;
  #known: (Totals & { readonly mod: number }) | undefined;
  /** The sum of all rows, and the revision at which it was that. */
  #all: (Totals & { readonly revision: number }) | undefined;

  constructor(store: OpenStore) {
    this.#store = store;
    this.#row = store.keys.counters(randomUUID());
    this.#known = NONE;
  }

  /** Reads what has to be known before a commit. */
  async prepare(): Promise<void> {
    if (this.#known !== undefined) return;
    const row = await this.#stored();
    this.#known = row === undefined ? NONE : { ...parse(row), mod: row.modRevision };
  }

  /** What the store holds, as far as that is known here, or as it is now. */
  async totals(asOfNow: boolean): Promise<Totals> {
    if (this.#all === undefined || asOfNow) this.#all = await this.#store.reading(() => storedTotals(this.#store));
    return this.#all;
  }

  /**
   * One transaction, after `prepare`: the revision at which it was done, or undefined if something had changed. Rejects
   * with a refusal if it was not done, else with `unavailable`: then its outcome is unknown, and this handle must not
   * commit again. With `isLimited` it is done only if the store holds what `totals` returned last. `changes` is what
   * the log gets.
   */
  async commit(
    compare: readonly Compare[],
    ops: readonly RequestOp[],
    added: Totals,
    isLimited: boolean,
    changes: readonly EncodedChanges[],
  ): Promise<number | undefined> {
    const { keys, bytes, mod } = this.#known ?? NONE;
    const sizes = { keys: keys + added.keys, bytes: bytes + added.bytes };
    const commit = randomUUID();
    const all = isLimited ? this.#all : undefined;
    const request = {
      compare: [
        this.#store.takesCommits,
        unchanged(this.#row, mod),
        ...(all === undefined ? [] : [unchangedSince(this.#store.keys.allCounters(), all.revision)]),
        ...compare,
      ],
      success: [putRow(this.#row, sizes, commit, changes), ...ops],
      failure: [{ range: { key: this.#store.keys.fence } }],
    };
    this.#known = undefined;
    this.#all = undefined;
    const { client } = this.#store.connections;
    try {
      const { succeeded, header, responses } = await client.txn(request, {
        timeout: this.#store.limits.timeout,
        repeatable: false,
      });
      if (!succeeded && (responses[0]?.range?.kvs.length ?? 0) > 0) {
        throw new StoreFencedError(this.#store.name);
      }
      if (!succeeded) return undefined;
      const { revision } = header;
      this.#known = { ...sizes, mod: revision };
      if (all !== undefined) this.#all = { keys: all.keys + added.keys, bytes: all.bytes + added.bytes, revision };
      return header.revision;
    } catch (error) {
      // A member whose quota a commit has exceeded has done it, and reports that it is full all the same.
      const row = isFull(error) ? await this.#stored() : undefined;
      if (row !== undefined && parse(row).commit === commit) return row.modRevision;
      const refusal = error instanceof CommitRefusedError ? error : refusalOf(error, this.#store.name);
      if (refusal !== undefined) throw refusal;
      const settled = await settle(this.#store, { row: this.#row, mod, sizes: { keys, bytes }, commit }, error);
      if (settled !== 'unknown') return settled;
      throw new AppError('unavailable', `${this.#store.name}: the record of a commit is gone`, { cause: error });
    }
  }

  /** Adds this row to the sum of those that are gone. It need not succeed. */
  async close(): Promise<void> {
    const row = await this.#stored();
    if (row !== undefined) await fold(this.#store, [row]);
  }

  async #stored(): Promise<KeyValue | undefined> {
    const { ranges } = await this.#store.reading(() => this.#store.read([{ key: this.#row }]));
    return ranges[0]?.kvs[0];
  }
}

/** The sum of all rows, as of one revision. */
export async function storedTotals(store: OpenStore): Promise<Totals & { readonly revision: number }> {
  const [key, rangeEnd] = store.keys.allCounters();
  const { revision, ranges } = await store.read([{ key, rangeEnd }]);
  let [keys, bytes] = [0, 0];
  for (const row of (ranges[0]?.kvs ?? []).map(parse)) {
    keys += row.keys;
    bytes += row.bytes;
  }
  return { keys, bytes, revision };
}

/** Adds the rows of handles that are gone to their sum. */
export async function foldOldCounters(store: OpenStore): Promise<void> {
  for await (const rows of store.rows(store.keys.allCounters())) {
    const old = rows.filter((row) => parse(row).at < Date.now() - OLD && !row.key.equals(store.keys.sum));
    for (let from = 0; from < old.length; from += store.limits.max_txn_ops / 2) {
      await fold(store, old.slice(from, from + store.limits.max_txn_ops / 2));
    }
  }
}

/** Afterwards no commit of an earlier handle can be done any more. Rejects if the members do not answer. */
export async function settleEarlier(store: OpenStore): Promise<void> {
  const left = unsettled.get(store.name) ?? [];
  unsettled.delete(store.name);
  await Promise.all(left.map((one) => settle(store, one, undefined)));
}

async function fold(store: OpenStore, rows: readonly KeyValue[]): Promise<void> {
  const { sum } = store.keys;
  const before = (await store.read([{ key: sum }])).ranges[0]?.kvs[0];
  const total = [...rows, ...(before === undefined ? [] : [before])]
    .map(parse)
    .reduce((a, b) => ({ keys: a.keys + b.keys, bytes: a.bytes + b.bytes }), { keys: 0, bytes: 0 });
  const removed = rows.map(({ key }) => ({ remove: { key } }));
  const compare = rows.map(({ key, modRevision }) => unchanged(key, modRevision));
  await store.write(
    [putRow(sum, total, randomUUID()), ...removed],
    [unchanged(sum, before?.modRevision ?? 0), ...compare],
  );
}

/**
 * Learns what a commit did: the row that it would have written has its id, or is replaced, so that it can never be
 * done. The revision at which it was done; undefined if it was not. `unknown` if the row was removed.
 */
async function settle(store: OpenStore, left: Unsettled, cause: unknown): Promise<number | undefined | 'unknown'> {
  const { row: key, mod, sizes, commit } = left;
  const { timeout } = store.limits;
  const until = performance.now() + timeout * 1000;
  for (;;) {
    try {
      const request = {
        compare: [unchanged(key, mod)],
        success: [putRow(key, sizes, randomUUID())],
        failure: [{ range: { key } }, { range: { key: store.keys.existence } }],
      };
      const { succeeded, responses } = await store.connections.client.txn(request, { timeout, repeatable: true });
      if (succeeded) return undefined;
      const [row, existence] = responses.map(({ range }) => range?.kvs[0]);
      if (row !== undefined) return parse(row).commit === commit ? row.modRevision : undefined;
      if (existence?.modRevision !== store.made) throw new CommitRefusedError(`${store.name} was removed meanwhile`);
      return 'unknown';
    } catch (error) {
      if (error instanceof AppError) throw error;
      if (performance.now() >= until) {
        unsettled.set(store.name, [...(unsettled.get(store.name) ?? []), left]);
        throw readError(cause ?? error, store.name);
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * PAUSE));
    }
  }
}

function parse({ value }: KeyValue): Row {
  return JSON.parse(value.toString()) as Row;
}

/** The changes of the commit that wrote a row of counters. */
export function changesIn({ value }: KeyValue): readonly Change[] {
  if (value.length === 0) return [];
  return ((JSON.parse(value.toString()) as Row).changes ?? []).flatMap(decodeChanges);
}

function putRow(
  key: Buffer,
  { keys, bytes }: Totals,
  commit: string,
  changes: readonly EncodedChanges[] = [],
): RequestOp {
  const row: Row = { keys, bytes, commit, at: Date.now(), ...(changes.length === 0 ? {} : { changes }) };
  return { put: { key, value: Buffer.from(JSON.stringify(row)) } };
}
