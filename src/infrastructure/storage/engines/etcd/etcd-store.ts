import type { Batch, Range, Store } from '../../../../application/ports/store.js';
import type { Entry, EntryHead } from '../../../../domain/entry.js';
import type { Totals } from '../../../../domain/totals.js';
import { encodeChanges } from '../../building-blocks/server/commit-log/change-codec.js';
import { ServerCalls } from '../../building-blocks/server/server-calls.js';
import { refusalOf } from './client/etcd-error.js';
import { requireFit } from './commit-plan.js';
import { CommitQueue } from './commit-queue.js';
import { Counters, storedTotals } from './counters.js';
import { EntryReader } from './entry-reader.js';
import { EtcdCommitLog } from './etcd-commit-log.js';
import { EtcdReadView } from './etcd-read-view.js';
import { KnownHeads } from './known-heads.js';
import type { OpenStore } from './open-store.js';
import { ValueChunks } from './value-chunks.js';

/** One project under a prefix of an etcd cluster. No content is kept here, so others may write at the same time. */
export class EtcdStore implements Store {
  readonly #store: OpenStore;
  readonly #reader: EntryReader;
  readonly #counters: Counters;
  readonly #chunks: ValueChunks;
  readonly #queue: CommitQueue;
  readonly #calls: ServerCalls;
  readonly commitLog: EtcdCommitLog;
  readonly readView = () => EtcdReadView.begin(this.#store, this.#reader, this.#calls);

  constructor(store: OpenStore) {
    const heads = new KnownHeads();
    this.#store = store;
    this.#calls = new ServerCalls(store.name);
    this.#reader = new EntryReader(store, heads);
    this.#counters = new Counters(store);
    this.#chunks = new ValueChunks(store);
    this.commitLog = new EtcdCommitLog(store, this.#calls);
    this.#queue = new CommitQueue(store, this.#reader, heads, this.#counters);
  }

  async get(key: string): Promise<Entry | undefined> {
    return (await this.getMany([key]))[0];
  }

  getMany(keys: readonly string[]): Promise<readonly (Entry | undefined)[]> {
    return this.#calls.run(async () => {
      const each = [...new Set(keys)];
      const found = await this.#reader.entries(each);
      const byKey = new Map(each.map((key, i) => [key, found[i]]));
      return keys.map((key) => byKey.get(key));
    });
  }

  scan(range: Range): Promise<readonly Entry[]> {
    return this.#calls.run(() => this.#reader.scan(range));
  }

  scanHeads(range: Omit<Range, 'bytes'>): Promise<readonly EntryHead[]> {
    return this.#calls.run(() => this.#reader.scanHeads(range));
  }

  expiring(before: number, limit: number): Promise<readonly string[]> {
    return this.#calls.run(async () => {
      const { keys } = this.#store;
      const [key, rangeEnd] = keys.expired(before);
      const range = { key, rangeEnd, limit, keysOnly: true };
      const { ranges } = await this.#store.reading(() => this.#store.read([range]));
      return (ranges[0]?.kvs ?? []).map((row) => keys.keyFromExpiry(row.key));
    });
  }

  size(): Promise<Totals> {
    return this.#calls.run(async () => {
      const { keys, bytes } = await this.#store.reading(() => storedTotals(this.#store));
      return { keys, bytes };
    });
  }

  commit(batch: Batch): Promise<boolean> {
    return this.#calls.run(async () => {
      const { expect = [], put = [], remove = [], limit } = batch;
      const changes = batch.changes?.length ? encodeChanges(batch.changes) : undefined;
      const keys = new Set([...expect.map(({ key }) => key), ...put.map(({ key }) => key), ...remove]);
      if (keys.size === 0) return true;
      requireFit(this.#store, keys.size, put.length);
      const encoded = await this.#chunks.encode(batch).catch((error: unknown) => {
        throw refusalOf(error, this.#store.name) ?? error;
      });
      let done: boolean | undefined;
      try {
        done = await this.#queue.commit({ expect, put: encoded, remove, keys, limit, changes });
        return done;
      } finally {
        if (done !== true && !this.#queue.hasFailed) await this.#chunks.discard(encoded);
      }
    });
  }

  unreadable(): readonly string[] {
    this.#calls.requireOpen();
    return [];
  }

  close(): Promise<void> {
    return this.#calls.close(() => this.#release());
  }

  async #release(): Promise<void> {
    // What the last commit of a handle that failed did is found by its row.
    if (!this.#queue.hasFailed) await this.#counters.close().catch(() => undefined);
    await this.#store.connections.release();
  }
}
