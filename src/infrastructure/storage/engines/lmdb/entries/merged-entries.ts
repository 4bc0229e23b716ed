import type { Range } from '../../../../../application/ports/store.js';
import { contentBytes, type Entry, type EntryHead } from '../../../../../domain/entry.js';
import { compareKeys } from '../../../../../domain/key.js';
import type { EntryHeader } from '../../../building-blocks/write-group.js';
import type { PendingLayers } from '../checkpoint/pending-layers.js';
import type { StoredEntries } from './stored-entries.js';

/** What a store holds: what LMDB has, under the layers of what is pending. Every read is synchronous. */
export class MergedEntries {
  constructor(
    private readonly stored: StoredEntries,
    private readonly layers: PendingLayers,
  ) {}

  get(key: string): Entry | undefined {
    const layer = this.layers.of(key);
    return layer === undefined ? this.stored.getAndCache(key) : layer.get(key);
  }

  getMany(keys: readonly string[]): (Entry | undefined)[] {
    return keys.map((key) => (this.layers.of(key) ?? this.stored).get(key));
  }

  header(key: string): EntryHeader | undefined {
    return (this.layers.of(key) ?? this.stored).header(key);
  }

  scan(range: Range): Entry[] {
    const { limit, bytes = Number.POSITIVE_INFINITY } = range;
    const found: Entry[] = [];
    if (limit <= 0) return found;
    let left = bytes;
    let merged: Iterable<Entry> = this.stored.scan(range);
    for (const layer of this.layers.all) merged = layer.scan(range, merged);
    for (const entry of merged) {
      left -= contentBytes(entry);
      if (found.push(entry) >= limit || left <= 0) break;
    }
    return found;
  }

  scanHeads(range: Omit<Range, 'bytes'>): EntryHead[] {
    const found: EntryHead[] = [];
    if (range.limit <= 0) return found;
    let merged: Iterable<EntryHead> = this.stored.scanHeads(range);
    for (const layer of this.layers.all) merged = layer.scanHeads(range, merged);
    for (const head of merged) if (found.push(head) >= range.limit) break;
    return found;
  }

  expiring(before: number, limit: number): string[] {
    if (limit <= 0) return [];
    const layers = this.layers.all;
    const found: { readonly expiresAt: number; readonly key: string }[] = [];
    for (const layer of layers) {
      const end = found.length + limit;
      for (const expiry of layer.expiring(before)) {
        // What a layer has is right unless a higher one decides about the key.
        if (this.layers.of(expiry.key) === layer && found.push(expiry) >= end) break;
      }
    }
    let stored = 0;
    for (const { expiresAt, key } of this.stored.expiring()) {
      if (expiresAt > before || stored >= limit) break;
      if (this.layers.of(key) !== undefined) continue;
      found.push({ expiresAt, key });
      stored++;
    }
    if (layers.length > 0) found.sort((a, b) => a.expiresAt - b.expiresAt || compareKeys(a.key, b.key));
    return found.slice(0, limit).map(({ key }) => key);
  }
}
