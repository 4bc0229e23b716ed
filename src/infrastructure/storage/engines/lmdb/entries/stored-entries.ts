import type { Range } from '../../../../../application/ports/store.js';
import type { Entry, EntryHead } from '../../../../../domain/entry.js';
import { decodeHead, decodeRecord, readHeader } from '../../../building-blocks/entry-record.js';
import { headerOf, packEntry, unpackEntry } from '../../../building-blocks/packed-entry.js';
import type { EntryHeader } from '../../../building-blocks/write-group.js';
import type { Environment } from '../environment/environment.js';
import type { ExpiryKey } from '../environment/key-codec.js';
import { keyOfPair, within } from '../environment/key-range.js';
import { RowCache } from './row-cache.js';

/** How much memory the cache of entries may take. */
const CACHE_BYTES = 16 * 1024 * 1024;

/** What LMDB holds since the last transaction. Every read is synchronous: lmdb has one snapshot for those of a turn. */
export class StoredEntries {
  readonly #env: Environment;
  readonly #cache = new RowCache(CACHE_BYTES);

  constructor(env: Environment) {
    this.#env = env;
  }

  get(key: string): Entry | undefined {
    const cached = this.#cache.get(key);
    return cached === undefined ? this.#read(key) : unpackEntry(key, cached);
  }

  /** The same for a single read. Only these fill the cache, so that a copy does not evict the entries in use. */
  getAndCache(key: string): Entry | undefined {
    const cached = this.#cache.get(key);
    if (cached !== undefined) return unpackEntry(key, cached);
    const entry = this.#read(key);
    if (entry !== undefined) this.#cache.set(key, packEntry(entry));
    return entry;
  }

  header(key: string): EntryHeader | undefined {
    const cached = this.#cache.get(key);
    if (cached !== undefined) return headerOf(key, cached);
    const shared = this.#shared(key);
    return shared === undefined ? undefined : readHeader(key, shared);
  }

  *scan(range: Omit<Range, 'bytes' | 'limit'>): Generator<Entry> {
    this.#env.requireInPlaceForReads();
    for (const { key, value } of within(range, (seek) => this.#env.entries.getRange(seek), keyOfPair)) {
      yield decodeRecord(key, value);
    }
  }

  *scanHeads(range: Omit<Range, 'bytes' | 'limit'>): Generator<EntryHead> {
    this.#env.requireInPlaceForReads();
    const keys = within(
      range,
      (seek) => this.#env.entries.getKeys(seek),
      (it) => it,
    );
    for (const key of keys) {
      const shared = this.#shared(key);
      if (shared !== undefined) yield decodeHead(key, shared);
    }
  }

  /** What expires, earliest first. */
  expiring(): Iterable<ExpiryKey> {
    this.#env.requireInPlaceForReads();
    return this.#env.expiry.getKeys({ start: undefined });
  }

  /** Must be called before a key is changed. */
  forget(key: string): void {
    this.#cache.delete(key);
  }

  #read(key: string): Entry | undefined {
    const shared = this.#shared(key);
    // The only copy: the value of the entry is a view on it.
    return shared === undefined ? undefined : decodeRecord(key, Buffer.from(shared));
  }

  /** A record in memory that lmdb owns: its one buffer for reads, or the memory map for 16 MiB and more. */
  #shared(key: string): Buffer | undefined {
    this.#env.requireInPlaceForReads();
    const { entries } = this.#env;
    const shared = entries.getBinaryFast(key);
    return shared && Buffer.from(shared.buffer, shared.byteOffset, entries.lastSize);
  }
}
