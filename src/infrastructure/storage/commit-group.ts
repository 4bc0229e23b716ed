import type { Batch } from '../../application/ports/store.js';
import { type Entry, entryBytes } from '../../domain/entry.js';

/** What of a stored entry decides about a write. `bytes` counts key and value, as `Store.size` does. */
export interface Head {
  readonly version: number;
  readonly bytes: number;
  readonly expiresAt: number | undefined;
}

/** What a group of batches makes of one key. */
export interface Change {
  readonly key: string;
  /** As it is stored, before the group. */
  readonly before: Head | undefined;
  /** Undefined where the key is gone. */
  readonly entry: Entry | undefined;
}

/** Several batches that will be written as one: each sees what those before it did, and nothing is written yet. */
export class CommitGroup {
  readonly #read: (key: string) => Head | undefined;
  readonly #changes = new Map<string, Change>();
  #bytes = 0;

  /** `read` gives what is stored. */
  constructor(read: (key: string) => Head | undefined) {
    this.#read = read;
  }

  /** One for each key, in no promised order. */
  get changes(): ReadonlyMap<string, Change> {
    return this.#changes;
  }

  /** What the batches brought, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a batch whole and answers true, or changes nothing: answers false where an expectation does not hold. */
  add(batch: Batch): boolean {
    for (const { key, version } of batch.expect ?? []) {
      if (this.#version(key) !== version) return false;
    }
    const puts = (batch.put ?? []).map((entry) => this.#change(entry.key, entry));
    const removals = (batch.remove ?? []).map((key) => this.#change(key, undefined));
    for (const change of [...puts, ...removals]) this.#changes.set(change.key, change);
    for (const entry of batch.put ?? []) this.#bytes += entryBytes(entry);
    return true;
  }

  #change(key: string, entry: Entry | undefined): Change {
    const earlier = this.#changes.get(key);
    return { key, before: earlier === undefined ? this.#read(key) : earlier.before, entry };
  }

  #version(key: string): number | undefined {
    const change = this.#changes.get(key);
    return change === undefined ? this.#read(key)?.version : change.entry?.version;
  }
}
