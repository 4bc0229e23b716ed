import type { Entry, EntryHead } from '../../domain/entry.js';
import type { Totals } from '../../domain/totals.js';
import type { Awaitable } from '../awaitable.js';
import type { CommitLog } from '../ports/commit-log.js';
import type { Batch, Range, Store } from '../ports/store.js';

/** Passes everything to another store, except for commits. */
export abstract class StoreWrapper implements Store {
  protected readonly inner: Store;

  constructor(inner: Store) {
    this.inner = inner;
  }

  get(key: string): Awaitable<Entry | undefined> {
    return this.inner.get(key);
  }

  getMany(keys: readonly string[]): Awaitable<readonly (Entry | undefined)[]> {
    return this.inner.getMany(keys);
  }

  scan(range: Range): Awaitable<readonly Entry[]> {
    return this.inner.scan(range);
  }

  scanHeads(range: Omit<Range, 'bytes'>): Awaitable<readonly EntryHead[]> {
    return this.inner.scanHeads(range);
  }

  expiring(before: number, limit: number): Awaitable<readonly string[]> {
    return this.inner.expiring(before, limit);
  }

  size(): Awaitable<Totals> {
    return this.inner.size();
  }

  unreadable(): readonly string[] {
    return this.inner.unreadable();
  }

  close(): Awaitable<void> {
    return this.inner.close();
  }

  get commitLog(): CommitLog | undefined {
    return this.inner.commitLog;
  }

  get readView(): Store['readView'] {
    return this.inner.readView;
  }

  abstract commit(batch: Batch): Awaitable<boolean>;
}
