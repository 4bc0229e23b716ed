import { type AppError, DamagedDataError } from '../../../../domain/errors.js';
import type { Connections } from './client/clients.js';
import { isCompacted, readError } from './client/etcd-error.js';
import type { EtcdOptions } from './client/etcd-options.js';
import { type KeyValue, type RangeRequest, type RangeResponse, type RequestOp, unchanged } from './client/messages.js';
import type { StoreKeys } from './store-keys.js';

/** How often a read begins again because the history at its revision was compacted meanwhile. */
const MAX_COMPACTED = 5;
/** How many keys are listed at a time. */
const PAGE = 1000;

export type Limits = Pick<EtcdOptions, 'timeout' | 'max_txn_ops' | 'max_request_bytes'>;

/** Rows, all as of one revision. */
export interface Found {
  readonly revision: number;
  readonly ranges: readonly RangeResponse[];
}

/** A store that exists: every call finds out whether it still does, in the same transaction. */
export class OpenStore {
  /** Named in errors. */
  readonly name: string;
  readonly keys: StoreKeys;
  readonly connections: Connections;
  readonly limits: Limits;
  /** The revision at which it was made: a store of the same name that was made later is another one. */
  readonly made: number;

  constructor(name: string, keys: StoreKeys, connections: Connections, limits: Limits, made: number) {
    this.name = name;
    this.keys = keys;
    this.connections = connections;
    this.limits = limits;
    this.made = made;
  }

  get exists() {
    return unchanged(this.keys.existence, this.made);
  }

  /** Holds if it exists and is not fenced. */
  get takesCommits() {
    return { ...this.exists, rangeEnd: this.keys.afterFence };
  }

  /** The answers to some ranges, all as of one revision, however many there are. */
  async read(ranges: readonly RangeRequest[], at?: number): Promise<Found> {
    const { max_txn_ops, timeout } = this.limits;
    const answers: RangeResponse[] = [];
    let revision = at;
    for (let from = 0; from < ranges.length; from += max_txn_ops) {
      const part = ranges.slice(from, from + max_txn_ops);
      const success = part.map((range) => ({ range: revision === undefined ? range : { ...range, revision } }));
      const request = { compare: [this.exists], success };
      const answer = await this.connections.client.txn(request, { timeout, repeatable: true });
      if (!answer.succeeded) throw goneError(this.name);
      revision ??= answer.header.revision;
      answers.push(...answer.responses.map(({ range }) => range as RangeResponse));
    }
    return { revision: revision ?? 0, ranges: answers };
  }

  /** All that is between two keys, a page at a time, as of one revision. */
  async *rows(bounds: readonly [Buffer, Buffer], keysOnly = false): AsyncGenerator<readonly KeyValue[]> {
    let [key, rangeEnd] = bounds;
    for (let revision: number | undefined; ; ) {
      const { revision: at, ranges } = await this.read([{ key, rangeEnd, limit: PAGE, keysOnly }], revision);
      revision = at;
      const [{ kvs, more }] = ranges as [RangeResponse];
      if (kvs.length > 0) yield kvs;
      if (!more) return;
      key = Buffer.concat([(kvs.at(-1) as KeyValue).key, Buffer.of(0)]);
    }
  }

  /** Writes what is the same if it is written twice. */
  async write(success: readonly RequestOp[], compare: readonly ReturnType<typeof unchanged>[] = []): Promise<boolean> {
    const { timeout } = this.limits;
    const request = { compare: [this.exists, ...compare], success };
    return (await this.connections.client.txn(request, { timeout, repeatable: true })).succeeded;
  }

  /** Reads that need several calls: begun again if their revision was compacted. Rejects with `unavailable`. */
  async reading<T>(task: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await task();
      } catch (error) {
        if (!isCompacted(error) || attempt === MAX_COMPACTED) throw readError(error, this.name);
      }
    }
  }
}

export function goneError(name: string): AppError {
  return new DamagedDataError(`etcd has no store ${name}: restore a snapshot, or its keys`);
}
