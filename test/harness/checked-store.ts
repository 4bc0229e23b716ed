import assert from 'node:assert/strict';
import type { Awaitable } from '../../src/application/awaitable.js';
import type { CommitLog } from '../../src/application/ports/commit-log.js';
import type { Batch, Range, Store } from '../../src/application/ports/store.js';
import type { Entry } from '../../src/domain/entry.js';

/** Passes everything on, and fails if a caller breaks the contract of `Batch`: a commit names each key once. */
export class CheckedStore implements Store {
  readonly #inner: Store;

  constructor(inner: Store) {
    this.#inner = inner;
  }

  protected get inner(): Store {
    return this.#inner;
  }

  get(key: string) {
    return this.inner.get(key);
  }

  getMany(keys: readonly string[]): Awaitable<readonly (Entry | undefined)[]> {
    return this.inner.getMany(keys);
  }

  scan(range: Range) {
    return this.inner.scan(range);
  }

  scanHeads(range: Omit<Range, 'bytes'>) {
    return this.inner.scanHeads(range);
  }

  expiring(before: number, limit: number) {
    return this.inner.expiring(before, limit);
  }

  size() {
    return this.inner.size();
  }

  unreadable() {
    return this.inner.unreadable();
  }

  /** Of a store that has one. */
  get commitLog(): CommitLog | undefined {
    return this.inner.commitLog;
  }

  /** Of a store that has views. */
  get readView(): Store['readView'] {
    return this.inner.readView;
  }

  commit(batch: Batch): Awaitable<boolean> {
    const { put = [], remove = [] } = batch;
    const keys = [...put.map(({ key }) => key), ...remove];
    assert.equal(new Set(keys).size, keys.length, 'a commit names a key twice');
    return this.inner.commit(batch);
  }

  close() {
    return this.inner.close();
  }
}
