import type { Awaitable } from '../../../application/awaitable.js';
import type { Batch, Range, Store } from '../../../application/ports/store.js';
import type { Entry, EntryHead } from '../../../domain/entry.js';
import { AppError } from '../../../domain/errors.js';
import { OrderedTable } from './ordered-table.js';

/**
 * A store that lives as long as the process; every call returns at once. Also the base of engines that read from
 * memory.
 */
export class MemoryStore implements Store {
  #table: OrderedTable | undefined;

  constructor(table = new OrderedTable()) {
    this.#table = table;
  }

  get(key: string): Entry | undefined {
    return this.#open().get(key);
  }

  getMany(keys: readonly string[]): (Entry | undefined)[] {
    const table = this.#open();
    return keys.map((key) => table.get(key));
  }

  scan(range: Range): Entry[] {
    return this.#open().scan(range);
  }

  scanHeads(range: Omit<Range, 'bytes'>): EntryHead[] {
    return this.#open().scanHeads(range);
  }

  expiring(before: number, limit: number): string[] {
    return this.#open().expiring(before, limit);
  }

  size(): { keys: number; bytes: number } {
    return this.#open().size();
  }

  unreadable(): readonly string[] {
    this.#open();
    return [];
  }

  commit(batch: Batch): Awaitable<boolean> {
    const table = this.#open();
    for (const { key, version } of batch.expect ?? []) if (table.header(key)?.version !== version) return false;
    table.apply(batch);
    return true;
  }

  close(): Awaitable<void> {
    this.#table = undefined;
  }

  #open(): OrderedTable {
    if (this.#table === undefined) throw new AppError('unavailable', 'the store is closed');
    return this.#table;
  }
}
