import { type Entry, entryBytes } from '../../../../domain/entry.js';
import { CommitTooLargeError } from '../../../../domain/errors.js';
import { countedBytes, requireWithin, type Totals, type TotalsLimit } from '../../../../domain/totals.js';
import { type EncodedChanges, encodedBytes } from '../../building-blocks/server/commit-log/change-codec.js';
import { type Compare, exists, type RequestOp, unchanged } from './client/messages.js';
import type { StoredHead } from './entry-rows.js';
import type { OpenStore } from './open-store.js';
import { BYTES_PER_KEY, type EncodedEntry } from './value-chunks.js';

/** A batch that waits to be committed. */
export interface QueuedBatch {
  readonly expect: readonly { readonly key: string; readonly version: number | undefined }[];
  readonly put: readonly EncodedEntry[];
  readonly remove: readonly string[];
  /** Every key that it names. */
  readonly keys: ReadonlySet<string>;
  readonly limit?: TotalsLimit | undefined;
  /** What the log gets. */
  readonly changes?: EncodedChanges | undefined;
}

/** The existence of the store and the counters of the handle are compared, too, and the counters are put. */
const OWN = { compares: 2, ops: 1, bytes: 4096 };

/** One transaction for several batches that have no keys in common. */
export class CommitPlan {
  readonly compares: Compare[] = [];
  readonly ops: RequestOp[] = [];
  added: Totals = { keys: 0, bytes: 0 };
  readonly batches: QueuedBatch[] = [];
  readonly changes: EncodedChanges[] = [];
  #bytes = OWN.bytes;
  #isLimited = false;

  /** `before` is what the store holds; it has to be known only for batches with a limit. */
  constructor(
    private readonly store: OpenStore,
    private readonly before: Totals,
  ) {}

  /** Whether it may be done only while the store holds that. */
  get isLimited(): boolean {
    return this.#isLimited;
  }

  /**
   * Adds a batch; returns false, with nothing changed, if the transaction would have too much. Throws
   * `LimitExceededError` if the store would hold too much.
   */
  add(batch: QueuedBatch, heads: (key: string) => StoredHead): boolean {
    const { compares, ops, bytes } = this.#partsOf(batch, heads);
    const { max_txn_ops, max_request_bytes } = this.store.limits;
    const { limit } = batch;
    const added = growthOf(batch, heads);
    if (limit !== undefined) requireWithin(limit, sumOf(this.before, this.added), added);
    const isLimited = this.#isLimited || (limit !== undefined && (added.keys > 0 || countedBytes(limit, added) > 0));
    const own = isLimited ? OWN.compares + 1 : OWN.compares;
    if (this.compares.length + compares.length + own > max_txn_ops) return false;
    if (this.ops.length + ops.length + OWN.ops > max_txn_ops) return false;
    if (this.#bytes + bytes > max_request_bytes) return false;
    this.compares.push(...compares);
    this.ops.push(...ops);
    this.#bytes += bytes;
    this.batches.push(batch);
    if (batch.changes !== undefined) this.changes.push(batch.changes);
    this.added = sumOf(this.added, added);
    this.#isLimited = isLimited;
    return true;
  }

  /** Why a batch does not fit a transaction of its own. */
  refusal(batch: QueuedBatch, heads: (key: string) => StoredHead): CommitTooLargeError {
    const { compares, ops } = this.#partsOf(batch, heads);
    const own = OWN.compares + (batch.limit === undefined ? 0 : 1);
    return tooLarge(this.store, batch.keys.size, Math.max(compares.length + own, ops.length + OWN.ops));
  }

  #partsOf({ keys, put, remove, changes = [] }: QueuedBatch, heads: (key: string) => StoredHead) {
    const names = this.store.keys;
    const compares: Compare[] = [];
    const ops: RequestOp[] = [];
    let bytes = encodedBytes(changes);
    for (const key of keys) {
      compares.push(unchanged(names.entry(key), heads(key).mod));
      bytes += BYTES_PER_KEY(key);
    }
    for (const { entry, row, set } of put) {
      const { key, expiresAt } = entry;
      bytes += row.length;
      if (set !== undefined) compares.push(exists(names.chunk(set, 0, key)));
      ops.push({ put: { key: names.entry(key), value: row } });
      if (expiresAt !== undefined && expiresAt !== heads(key).expiresAt) {
        ops.push({ put: { key: names.expiry(expiresAt, key), value: EMPTY } });
      }
      this.#leave(key, heads(key), expiresAt, ops);
    }
    for (const key of remove) {
      if (heads(key).mod === 0) continue;
      ops.push({ remove: { key: names.entry(key) } });
      this.#leave(key, heads(key), undefined, ops);
    }
    return { compares, ops, bytes };
  }

  /** Removes what belonged to the entry that is replaced. */
  #leave(key: string, { expiresAt, set }: StoredHead, next: number | undefined, ops: RequestOp[]): void {
    if (expiresAt !== undefined && expiresAt !== next) {
      ops.push({ remove: { key: this.store.keys.expiry(expiresAt, key) } });
    }
    if (set === undefined) return;
    const [first, rangeEnd] = this.store.keys.chunks(set);
    ops.push({ remove: { key: first, rangeEnd } });
  }
}

function growthOf({ put, remove }: QueuedBatch, heads: (key: string) => StoredHead): Totals {
  const growth = { keys: 0, bytes: 0 };
  for (const { entry } of put) {
    growth.keys += heads(entry.key).mod === 0 ? 1 : 0;
    growth.bytes += entryBytes(entry) - heads(entry.key).bytes;
  }
  for (const key of remove) {
    growth.keys -= heads(key).mod === 0 ? 0 : 1;
    growth.bytes -= heads(key).bytes;
  }
  return growth;
}

function sumOf(a: Totals, b: Totals): Totals {
  return { keys: a.keys + b.keys, bytes: a.bytes + b.bytes };
}

const EMPTY = Buffer.alloc(0);

/** What is stored once the batch was committed at that revision. */
export function headAfter(
  { entry, set }: { readonly entry: Entry; readonly set: Buffer | undefined },
  mod: number,
): StoredHead {
  const { version, expiresAt } = entry;
  return { mod, version, bytes: entryBytes(entry), expiresAt, set };
}

/** Throws `too_large` if so many keys cannot fit a transaction whatever is stored. */
export function requireFit(store: OpenStore, keys: number, puts: number): void {
  const operations = Math.max(keys + OWN.compares, puts + OWN.ops);
  if (operations > store.limits.max_txn_ops) throw tooLarge(store, keys, operations);
}

function tooLarge(store: OpenStore, keys: number, operations: number): CommitTooLargeError {
  const { max_txn_ops, max_request_bytes } = store.limits;
  const message =
    operations > max_txn_ops
      ? `${store.name}: a commit of ${keys} keys needs ${operations} operations in etcd, which takes ${max_txn_ops}: ` +
        'use fewer keys, or raise --max-txn-ops of etcd and max_txn_ops here'
      : `${store.name}: a commit of ${keys} keys needs more than the ${max_request_bytes} bytes that etcd takes: ` +
        'use fewer keys, or raise --max-request-bytes of etcd and max_request_bytes here';
  const details =
    operations > max_txn_ops ? { limit_operations: max_txn_ops } : { limit_request_bytes: max_request_bytes };
  return new CommitTooLargeError(message, { details });
}
