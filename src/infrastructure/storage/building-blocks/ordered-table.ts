import sortedBTree from 'sorted-btree';
import type { Batch, Range } from '../../../application/ports/store.js';
import type { Entry } from '../../../domain/entry.js';
import { compareKeys } from '../../../domain/key.js';
import { headerOf, type PackedEntry, packEntry, unpackEntry } from './packed-entry.js';
import type { EntryHeader } from './write-group.js';

/** More different content types than this are not worth sharing. */
const MAX_SHARED_TYPES = 1000;

interface Expiry {
  readonly at: number;
  readonly key: string;
}

/** A keyspace in memory, for the engines that hold one: answers as `Store` promises, synchronously. */
export class OrderedTable {
  readonly #rows = new Map<string, PackedEntry>();
  readonly #keys = new sortedBTree.default<string, undefined>(undefined, compareKeys);
  readonly #expiries = new sortedBTree.default<Expiry, undefined>(undefined, compareExpiries);
  readonly #types = new Map<string, string>();
  #bytes = 0;

  get(key: string): Entry | undefined {
    const row = this.#rows.get(key);
    return row === undefined ? undefined : unpackEntry(key, row);
  }

  scan({ prefix = '', after, limit, bytes = Number.POSITIVE_INFINITY }: Range): Entry[] {
    const found: Entry[] = [];
    if (limit <= 0) return found;
    const start = after === undefined || compareKeys(after, prefix) < 0 ? prefix : after;
    let left = bytes;
    for (const key of this.#keys.keys(start)) {
      if (!key.startsWith(prefix)) break;
      if (key === after) continue;
      const row = this.#rows.get(key) as PackedEntry;
      left -= row.value.length;
      if (found.push(unpackEntry(key, row)) === limit || left <= 0) break;
    }
    return found;
  }

  expiring(before: number, limit: number): string[] {
    const found: string[] = [];
    if (limit <= 0) return found;
    for (const { at, key } of this.#expiries.keys()) {
      if (at > before || found.push(key) === limit) break;
    }
    return found;
  }

  size(): { keys: number; bytes: number } {
    return { keys: this.#rows.size, bytes: this.#bytes };
  }

  has(key: string): boolean {
    return this.#rows.has(key);
  }

  head(key: string): EntryHeader | undefined {
    const row = this.#rows.get(key);
    return row === undefined ? undefined : headerOf(key, row);
  }

  /** Takes over what the batch puts and removes, without a look at what it expects. */
  apply(batch: Pick<Batch, 'put' | 'remove'>): void {
    for (const key of batch.remove ?? []) this.#remove(key);
    for (const entry of batch.put ?? []) this.#put(entry);
  }

  #put(entry: Entry): void {
    const { key, value, expiresAt } = entry;
    const before = this.#rows.get(key);
    if (before === undefined) {
      this.#keys.set(key, undefined);
      this.#bytes += Buffer.byteLength(key);
    } else {
      this.#forgetRow(key, before);
    }
    this.#rows.set(key, packEntry(entry, this.#sharedType(entry.contentType)));
    this.#bytes += value.length;
    if (expiresAt !== undefined) this.#expiries.set({ at: expiresAt, key }, undefined);
  }

  #remove(key: string): void {
    const row = this.#rows.get(key);
    if (row === undefined) return;
    this.#forgetRow(key, row);
    this.#bytes -= Buffer.byteLength(key);
    this.#rows.delete(key);
    this.#keys.delete(key);
  }

  #forgetRow(key: string, row: PackedEntry): void {
    this.#bytes -= row.value.length;
    if (row.expiresAt !== undefined) this.#expiries.delete({ at: row.expiresAt, key });
  }

  /** One string for all entries of a type: each that is parsed or received is a string of its own. */
  #sharedType(type: string): string {
    const shared = this.#types.get(type);
    if (shared !== undefined) return shared;
    if (this.#types.size < MAX_SHARED_TYPES) this.#types.set(type, type);
    return type;
  }
}

function compareExpiries(a: Expiry, b: Expiry): number {
  return a.at - b.at || compareKeys(a.key, b.key);
}
