import type { Batch } from '../../../application/ports/store.js';
import { type Entry, entryBytes } from '../../../domain/entry.js';

/** What of a stored entry decides about a write. `bytes` counts key and value, as `Store.size` does. */
export interface EntryHeader {
  readonly version: number;
  readonly bytes: number;
  readonly expiresAt: number | undefined;
}

/** What a group of batches makes of one key. */
export interface KeyWrite {
  readonly key: string;
  /** As it is stored, before the group. */
  readonly before: EntryHeader | undefined;
  /** Undefined where the key is gone. */
  readonly entry: Entry | undefined;
}

/** Several batches that will be written as one: each sees what those before it did, and nothing is written yet. */
export class WriteGroup {
  readonly #read: (key: string) => EntryHeader | undefined;
  readonly #stored = new Map<string, EntryHeader | undefined>();
  readonly #changes = new Map<string, KeyWrite>();
  #bytes = 0;

  /** `read` gives what is stored. */
  constructor(read: (key: string) => EntryHeader | undefined) {
    this.#read = read;
  }

  /** One for each key, in no promised order. */
  get changes(): ReadonlyMap<string, KeyWrite> {
    return this.#changes;
  }

  /** What the batches brought, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a batch whole and answers true, or changes nothing: answers false where an expectation does not hold. */
  add(batch: Batch): boolean {
    const { expect = [], put = [], remove = [] } = batch;
    for (const { key, version } of expect) {
      if (this.#version(key) !== version) return false;
    }
    // Reading may fail: nothing is changed before everything is read.
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

  /** What is stored, read once. */
  #before(key: string): EntryHeader | undefined {
    const known = this.#stored.get(key);
    if (known !== undefined || this.#stored.has(key)) return known;
    const head = this.#read(key);
    this.#stored.set(key, head);
    return head;
  }
}
