import { entryBytes } from '../../domain/entry.js';
import type { Batch, Range, Store } from '../ports/store.js';
import { RunningCommits } from './running-commits.js';

/** Checks, before each commit, that the disk has room for its entries. */
export class DiskSpaceStore implements Store {
  readonly #inner: Store;
  readonly #requireSpace: (bytes: number) => Promise<void>;
  readonly #running = new RunningCommits();

  /** `requireSpace` rejects with `insufficient_storage` if so many bytes do not fit. */
  constructor(inner: Store, requireSpace: (bytes: number) => Promise<void>) {
    this.#inner = inner;
    this.#requireSpace = requireSpace;
  }

  get(key: string) {
    return this.#inner.get(key);
  }

  getMany(keys: readonly string[]) {
    return this.#inner.getMany(keys);
  }

  scan(range: Range) {
    return this.#inner.scan(range);
  }

  scanHeads(range: Omit<Range, 'bytes'>) {
    return this.#inner.scanHeads(range);
  }

  expiring(before: number, limit: number) {
    return this.#inner.expiring(before, limit);
  }

  size() {
    return this.#inner.size();
  }

  unreadable() {
    return this.#inner.unreadable();
  }

  commit(batch: Batch): Promise<boolean> {
    return this.#running.track(this.#commitIfSpace(batch));
  }

  async close(): Promise<void> {
    await this.#running.ended();
    await this.#inner.close();
  }

  async #commitIfSpace(batch: Batch): Promise<boolean> {
    await this.#requireSpace((batch.put ?? []).reduce((sum, entry) => sum + entryBytes(entry), 0));
    return this.#inner.commit(batch);
  }
}
