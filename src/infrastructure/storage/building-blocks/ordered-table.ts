import sortedBTree from 'sorted-btree';
import bulkLoad from 'sorted-btree/extended/bulkLoad.js';
import type { Batch, Range } from '../../../application/ports/store.js';
import { contentBytes, type Entry, type EntryHead } from '../../../domain/entry.js';
import { boundsOf, compareKeys } from '../../../domain/key.js';
import { headerOf, type PackedEntry, packEntry, packedBytes, unpackEntry, unpackHead } from './packed-entry.js';
import type { EntryHeader } from './write-group.js';

/** How many keys a node of the tree of keys has at most. */
const NODE_KEYS = 32;
/** More different content types are not worth sharing. */
const MAX_SHARED_TYPES = 1000;

interface Expiry {
  readonly expiresAt: number;
  readonly key: string;
}

type KeyRange = Omit<Range, 'bytes' | 'limit'>;

/** An ordered keyspace in memory, for engines that hold one: what `Store` promises of reads, synchronously. */
export class OrderedTable {
  readonly #entries = new Map<string, PackedEntry>();
  #keys = new sortedBTree.default<string, undefined>(undefined, compareKeys, NODE_KEYS);
  readonly #expiries = new sortedBTree.default<Expiry, undefined>(undefined, compareExpiries);
  readonly #types = new Map<string, string>();
  #bytes = 0;

  get(key: string): Entry | undefined {
    const packed = this.#entries.get(key);
    return packed === undefined ? undefined : unpackEntry(key, packed);
  }

  scan(range: Range): Entry[] {
    const { limit, bytes = Number.POSITIVE_INFINITY } = range;
    const found: Entry[] = [];
    if (limit <= 0) return found;
    let left = bytes;
    for (const key of this.#keysIn(range)) {
      const packed = this.#entries.get(key) as PackedEntry;
      left -= packedBytes(packed);
      if (found.push(unpackEntry(key, packed)) === limit || left <= 0) break;
    }
    return found;
  }

  scanHeads(range: Omit<Range, 'bytes'>): EntryHead[] {
    const found: EntryHead[] = [];
    if (range.limit <= 0) return found;
    for (const key of this.#keysIn(range)) {
      if (found.push(unpackHead(key, this.#entries.get(key) as PackedEntry)) === range.limit) break;
    }
    return found;
  }

  /** All entries of a range, one after another; nothing may change meanwhile. */
  *entriesIn(range: KeyRange): Generator<Entry> {
    for (const key of this.#keysIn(range)) yield unpackEntry(key, this.#entries.get(key) as PackedEntry);
  }

  /** As `entriesIn`, without values. */
  *headsIn(range: KeyRange): Generator<EntryHead> {
    for (const key of this.#keysIn(range)) yield unpackHead(key, this.#entries.get(key) as PackedEntry);
  }

  expiring(before: number, limit: number): string[] {
    const found: string[] = [];
    if (limit <= 0) return found;
    for (const { key } of this.expiries(before)) if (found.push(key) === limit) break;
    return found;
  }

  /** What expires up to a time, earliest first, one after another; nothing may change meanwhile. */
  *expiries(before: number): Generator<Expiry> {
    for (const expiry of this.#expiries.keys()) {
      if (expiry.expiresAt > before) return;
      yield expiry;
    }
  }

  size(): { keys: number; bytes: number } {
    return { keys: this.#entries.size, bytes: this.#bytes };
  }

  header(key: string): EntryHeader | undefined {
    const packed = this.#entries.get(key);
    return packed === undefined ? undefined : headerOf(key, packed);
  }

  /** Applies what the batch puts and removes; what it expects must have been checked. */
  apply(batch: Pick<Batch, 'put' | 'remove'>): void {
    for (const key of batch.remove ?? []) this.remove(key);
    for (const entry of batch.put ?? []) this.put(entry);
  }

  /**
   * Puts an entry whose key is not there, in less time. Nothing else may be called before `added`. Returns false if it
   * was there; then the table is of no use any more.
   */
  add(entry: Entry): boolean {
    const { key, expiresAt } = entry;
    const before = this.#entries.size;
    this.#entries.set(key, packEntry(entry, this.#sharedType(entry.contentType)));
    if (this.#entries.size === before) return false;
    this.#bytes += Buffer.byteLength(key) + contentBytes(entry);
    if (expiresAt !== undefined) this.#expiries.set({ expiresAt, key }, undefined);
    return true;
  }

  /** Orders what was put by `add`. */
  added(): void {
    const keys = [...this.#entries.keys()];
    if (keys.some((key, i) => i > 0 && compareKeys(keys[i - 1] as string, key) > 0)) keys.sort(compareKeys);
    this.#keys = bulkLoad.bulkLoad(keys, new Array(keys.length), NODE_KEYS, compareKeys);
  }

  *#keysIn(range: KeyRange): Generator<string> {
    const { low, high } = boundsOf(range);
    if (range.reverse) {
      for (const [key] of this.#keys.entriesReversed(high, undefined, true)) {
        if (compareKeys(key, low) < 0) return;
        yield key;
      }
      return;
    }
    for (const key of this.#keys.keys(low)) {
      if (high !== undefined && compareKeys(key, high) >= 0) return;
      yield key;
    }
  }

  put(entry: Entry): void {
    const { key, expiresAt } = entry;
    const before = this.#entries.get(key);
    if (before === undefined) {
      this.#keys.set(key, undefined);
      this.#bytes += Buffer.byteLength(key);
    } else {
      this.#uncount(key, before);
    }
    this.#entries.set(key, packEntry(entry, this.#sharedType(entry.contentType)));
    this.#bytes += contentBytes(entry);
    if (expiresAt !== undefined) this.#expiries.set({ expiresAt, key }, undefined);
  }

  remove(key: string): void {
    const packed = this.#entries.get(key);
    if (packed === undefined) return;
    this.#uncount(key, packed);
    this.#bytes -= Buffer.byteLength(key);
    this.#entries.delete(key);
    this.#keys.delete(key);
  }

  /** Takes the content out of the size, and the entry out of the expiry index. */
  #uncount(key: string, packed: PackedEntry): void {
    const { expiresAt } = packed;
    this.#bytes -= packedBytes(packed);
    if (expiresAt !== undefined) this.#expiries.delete({ expiresAt, key });
  }

  /** One string for all entries of a type: each one that is parsed or received is a string of its own. */
  #sharedType(type: string): string {
    const shared = this.#types.get(type);
    if (shared !== undefined) return shared;
    if (this.#types.size < MAX_SHARED_TYPES) this.#types.set(type, type);
    return type;
  }
}

function compareExpiries(a: Expiry, b: Expiry): number {
  return a.expiresAt - b.expiresAt || compareKeys(a.key, b.key);
}
