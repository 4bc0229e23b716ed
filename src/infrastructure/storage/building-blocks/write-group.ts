import type { Batch } from '../../../application/ports/store.js';
import { type Entry, entryBytes } from '../../../domain/entry.js';

/** The part of a stored entry that decides about a write. `bytes` counts as `Store.size` does. */
export interface EntryHeader {
  readonly version: number;
  readonly bytes: number;
  readonly expiresAt: number | undefined;
}

/** What a group of batches does to one key. */
export interface KeyWrite {
  readonly key: string;
  /** What is stored before the group. */
  readonly before: EntryHeader | undefined;
  /** Undefined if the key is removed. */
  readonly entry: Entry | undefined;
}

/** Several batches that will be written as one: each sees the effect of those before it, and nothing is written yet. */
export class WriteGroup {
  readonly #read: (key: string) => EntryHeader | undefined;
  readonly #stored = new Map<string, EntryHeader | undefined>();
  readonly #changes = new Map<string, KeyWrite>();
  #bytes = 0;

  /** `read` returns what is stored. */
  constructor(read: (key: string) => EntryHeader | undefined) {
    this.#read = read;
  }

  /** One for each key, in any order. */
  get changes(): ReadonlyMap<string, KeyWrite> {
    return this.#changes;
  }

  /** The size of what the batches put. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a whole batch and returns true, or changes nothing and returns false if an expectation does not hold. */
  add(batch: Batch): boolean {
    const { expect = [], put = [], remove = [] } = batch;
    for (const { key, version } of expect) {
      if (this.#version(key) !== version) return false;
    }
    // A read may fail: nothing is changed before everything is read.
    const changes: KeyWrite[] = [];
    for (const entry of put) changes.push({ key: entry.key, before: this.#before(entry.key), entry });
    for (const key of remove) changes.push({ key, before: this.#before(key), entry: undefined });
    for (const change of changes) this.#changes.set(change.key, change);
    for (const entry of put) this.#bytes += entryBytes(entry);
    return true;
  }

  #version(key: string): number | undefined {
    const change = this.#changes.get(key);
    return change === undefined ? this.#before(key)?.version : change.entry?.version;
  }

  /** What is stored; read only once. */
  #before(key: string): EntryHeader | undefined {
    const known = this.#stored.get(key);
    if (known !== undefined || this.#stored.has(key)) return known;
    const header = this.#read(key);
    this.#stored.set(key, header);
    return header;
  }
}
