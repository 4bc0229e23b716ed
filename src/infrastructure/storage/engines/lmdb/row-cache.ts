import type { PackedEntry } from '../../building-blocks/packed-entry.js';

/** What a row takes in memory beside the bytes of its key and value. */
const ROW_BYTES = 300;

/**
 * Rows that are in use, so that they are neither looked up nor decoded again. Two generations, of which the older is dropped whole when
 * the younger is full.
 */
export class RowCache {
  readonly #half: number;
  #young = new Map<string, PackedEntry>();
  #old = new Map<string, PackedEntry>();
  #bytes = 0;

  /** Takes about `capacity` bytes of memory at most. */
  constructor(capacity: number) {
    this.#half = capacity / 2;
  }

  get(key: string): PackedEntry | undefined {
    const row = this.#young.get(key);
    if (row !== undefined) return row;
    const older = this.#old.get(key);
    if (older !== undefined) this.add(key, older);
    return older;
  }

  /** A row that would take more than a small part of the room is not kept. */
  add(key: string, row: PackedEntry): void {
    const bytes = ROW_BYTES + key.length + row.value.length;
    if (bytes > this.#half / 16) return;
    if (this.#bytes + bytes > this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#bytes = 0;
    }
    this.#bytes += bytes;
    this.#young.set(key, row);
  }

  /** Whether it was there. */
  forget(key: string): boolean {
    const wasYoung = this.#young.delete(key);
    return this.#old.delete(key) || wasYoung;
  }
}
