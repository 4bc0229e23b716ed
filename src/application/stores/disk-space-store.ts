import { entryBytes } from '../../domain/entry.js';
import type { Batch, Range, Store } from '../ports/store.js';

/** Asks before each commit for the disk space that its entries take. */
export class DiskSpaceStore implements Store {
  readonly #inner: Store;
  readonly #requireSpace: (bytes: number) => Promise<void>;

  /** `requireSpace` rejects if so many bytes of entries do not fit. */
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

  expiring(before: number, limit: number) {
    return this.#inner.expiring(before, limit);
  }

  size() {
    return this.#inner.size();
  }

  async commit(batch: Batch): Promise<boolean> {
    await this.#requireSpace((batch.put ?? []).reduce((sum, entry) => sum + entryBytes(entry), 0));
    return this.#inner.commit(batch);
  }

  unreadable() {
    return this.#inner.unreadable?.() ?? [];
  }

  close() {
    return this.#inner.close();
  }
}
