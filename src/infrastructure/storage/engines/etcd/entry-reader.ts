import type { Range } from '../../../../application/ports/store.js';
import { contentBytes, type Entry, type EntryHead } from '../../../../domain/entry.js';
import { boundsOf, compareKeys } from '../../../../domain/key.js';
import { DESCENDING, type KeyValue, type RangeResponse } from './client/messages.js';
import { ABSENT, chunkedValue, decodeRow, decodeRowHead, type StoredHead, storedHead } from './entry-rows.js';
import type { KnownHeads } from './known-heads.js';
import type { OpenStore } from './open-store.js';

/** How many entries of unknown size are read first, and how many at a time at most. */
const FIRST_PAGE = 32;
const MAX_PAGE = 1000;
/** About how many bytes a page may have. */
const PAGE_BYTES = 4 * 1024 * 1024;

/** Reads entries, all of a call as of one revision, and remembers what a commit has to know of them. */
export class EntryReader {
  constructor(
    private readonly store: OpenStore,
    private readonly heads: KnownHeads,
  ) {}

  entries(keys: readonly string[]): Promise<(Entry | undefined)[]> {
    return this.store.reading(async () => {
      const { revision, rows } = await this.#rows(keys);
      const entries: (Entry | undefined)[] = [];
      for (const [i, key] of keys.entries()) entries.push(await this.#entry(key, rows[i], revision));
      return entries;
    });
  }

  /** What is stored now, for a commit. */
  async storedHeads(keys: readonly string[]): Promise<void> {
    await this.store.reading(() => this.#rows(keys));
  }

  scan(range: Range): Promise<Entry[]> {
    return this.store.reading(() => this.scanAt(range));
  }

  /** As of a revision, or of now. Rejects if that was compacted. */
  scanAt({ bytes = Number.POSITIVE_INFINITY, ...range }: Range, at?: number): Promise<Entry[]> {
    const begin = () => {
      let left = bytes;
      return async (key: string, row: KeyValue, revision: number) => {
        const found = (await this.#entry(key, row, revision)) as Entry;
        left -= contentBytes(found);
        return { found, isLast: left <= 0 };
      };
    };
    return this.#scan(range, begin, at);
  }

  scanHeads(range: Omit<Range, 'bytes'>): Promise<EntryHead[]> {
    const take = async (key: string, { value }: KeyValue) => ({ found: decodeRowHead(key, value), isLast: false });
    return this.store.reading(() => this.#scan(range, () => take));
  }

  async #scan<T>(
    { limit, reverse = false, ...bounds }: Omit<Range, 'bytes'>,
    begin: () => (key: string, row: KeyValue, revision: number) => Promise<{ found: T; isLast: boolean }>,
    from?: number,
  ): Promise<T[]> {
    const { low, high } = boundsOf(bounds);
    if (high !== undefined && compareKeys(low, high) >= 0) return [];
    const found: T[] = [];
    const take = begin();
    let [key, rangeEnd] = this.store.keys.entries(low, high);
    let at = from;
    for (let page = FIRST_PAGE; found.length < limit; ) {
      const range = { key, rangeEnd, limit: Math.min(page, limit - found.length) };
      const asked = reverse ? { ...range, sortOrder: DESCENDING } : range;
      const { revision, ranges } = await this.store.read([asked], at);
      at = revision;
      const [{ kvs, more }] = ranges as [RangeResponse];
      for (const row of kvs) {
        const name = this.store.keys.keyFrom(row.key);
        const taken = await take(name, row, revision);
        found.push(taken.found);
        if (taken.isLast) return found;
      }
      const last = kvs.at(-1);
      if (!more || last === undefined) break;
      if (reverse) rangeEnd = last.key;
      else key = Buffer.concat([last.key, Buffer.of(0)]);
      const size = kvs.reduce((total, { value }) => total + value.length, 1) / kvs.length;
      page = Math.max(1, Math.min(MAX_PAGE, Math.floor(PAGE_BYTES / size)));
    }
    return found;
  }

  async #rows(keys: readonly string[]): Promise<{ revision: number; rows: (KeyValue | undefined)[] }> {
    const asked = keys.map((key) => ({ key: this.store.keys.entry(key) }));
    const { revision, ranges } = await this.store.read(asked);
    const rows = ranges.map(({ kvs }) => kvs[0]);
    for (const [i, key] of keys.entries()) {
      const row = rows[i];
      const head: StoredHead = row === undefined ? ABSENT : storedHead(key, row.value, row.modRevision);
      this.heads.remember(key, head, revision);
    }
    return { revision, rows };
  }

  async #entry(key: string, row: KeyValue | undefined, revision: number): Promise<Entry | undefined> {
    if (row === undefined) return undefined;
    const chunked = chunkedValue(row.value);
    if (chunked === undefined) return decodeRow(key, row.value);
    const parts: Buffer[] = [];
    const [first, rangeEnd] = this.store.keys.chunks(chunked.set);
    // As of the revision of the row: a commit since then may have removed them.
    const { ranges } = await this.store.read([{ key: first, rangeEnd }], revision);
    for (const { value } of ranges[0]?.kvs ?? []) parts.push(value);
    return decodeRow(key, row.value, Buffer.concat(parts));
  }
}
