import type { Batch } from '../../../../application/ports/store.js';
import { contentBytes, type Entry } from '../../../../domain/entry.js';
import { encodeChanges, encodedBytes } from '../../building-blocks/server/commit-log/change-codec.js';
import { unchanged } from './client/messages.js';
import { chunkedValue, encodeChunkedRow, encodeRow } from './entry-rows.js';
import { goneError, type OpenStore } from './open-store.js';
import { newSet } from './store-keys.js';

/** The most bytes of a chunk, if a request may have so many. */
const CHUNK_BYTES = 1024 * 1024;
/** What a request has beyond its rows. */
const REQUEST_BYTES = 8 * 1024;
/** What a key of a commit takes in its request, besides its row: it is named up to four times. */
export const BYTES_PER_KEY = (key: string) => 4 * (Buffer.byteLength(key) + 160);
/** Smaller values are not worth a row of their own. */
const MIN_CHUNKED = 512;
const AT_ONCE = 4;
/** A set that no entry points to belongs to a commit that did not happen if it is so old, in ms. */
const LEFT_OVER = 60 * 60 * 1000;
const ENTRIES_AT_ONCE = 100;

/** An entry as it is written. */
export interface EncodedEntry {
  readonly entry: Entry;
  readonly row: Buffer;
  /** The chunks of its value, if that is not in the row. */
  readonly set: Buffer | undefined;
}

/** Keeps values apart that would make a request too large. */
export class ValueChunks {
  constructor(private readonly store: OpenStore) {}

  /** The entries of a batch as rows. The largest values are written in chunks, until the rest fits a request. */
  async encode({ expect = [], put = [], remove = [], changes = [] }: Batch): Promise<readonly EncodedEntry[]> {
    const { max_request_bytes } = this.store.limits;
    const keys = new Set([...expect.map(({ key }) => key), ...put.map(({ key }) => key), ...remove]);
    let bytes = REQUEST_BYTES - max_request_bytes + encodedBytes(encodeChanges(changes));
    for (const key of keys) bytes += BYTES_PER_KEY(key);
    for (const entry of put) bytes += contentBytes(entry) + Buffer.byteLength(entry.contentType);
    const chunked = new Map<string, Buffer>();
    if (bytes > 0) {
      for (const { key, value } of [...put].sort((a, b) => b.value.length - a.value.length)) {
        if (bytes <= 0 || value.length < MIN_CHUNKED) break;
        chunked.set(key, newSet());
        bytes -= value.length;
      }
    }
    const encoded = put.map((entry) => {
      const set = chunked.get(entry.key);
      return { entry, row: set === undefined ? encodeRow(entry) : encodeChunkedRow(entry, set), set };
    });
    try {
      for (const { entry, set } of encoded) if (set !== undefined) await this.#write(entry, set);
    } catch (error) {
      await this.discard(encoded);
      throw error;
    }
    return encoded;
  }

  /** Removes the chunks of a commit that was not done. If that fails, they are left over. */
  async discard(encoded: readonly EncodedEntry[]): Promise<void> {
    for (const { set } of encoded) {
      if (set !== undefined) await this.store.write([this.#removal(set)]).catch(() => undefined);
    }
  }

  /** Removes what commits that did not happen left. */
  async removeLeftOver(): Promise<void> {
    for await (const rows of this.store.rows(this.store.keys.chunksBefore(Date.now() - LEFT_OVER), true)) {
      const sets = new Map<string, { set: Buffer; key: string }>();
      for (const row of rows) {
        const found = this.store.keys.fromChunk(row.key);
        sets.set(found.set.toString('hex'), found);
      }
      const all = [...sets.values()];
      for (let from = 0; from < all.length; from += ENTRIES_AT_ONCE) {
        await this.#removeUnused(all.slice(from, from + ENTRIES_AT_ONCE));
      }
    }
  }

  async #removeUnused(sets: readonly { readonly set: Buffer; readonly key: string }[]): Promise<void> {
    const asked = sets.map(({ key }) => ({ key: this.store.keys.entry(key) }));
    const { ranges } = await this.store.read(asked);
    for (const [i, { set, key }] of sets.entries()) {
      const row = ranges[i]?.kvs[0];
      if (row !== undefined && chunkedValue(row.value)?.set.equals(set)) continue;
      const same = unchanged(this.store.keys.entry(key), row?.modRevision ?? 0);
      await this.store.write([this.#removal(set)], [same]);
    }
  }

  #removal(set: Buffer) {
    const [key, rangeEnd] = this.store.keys.chunks(set);
    return { remove: { key, rangeEnd } };
  }

  async #write({ key, value }: Entry, set: Buffer): Promise<void> {
    const size = Math.min(CHUNK_BYTES, this.store.limits.max_request_bytes - REQUEST_BYTES);
    const count = Math.ceil(value.length / size);
    for (let from = 0; from < count; from += AT_ONCE) {
      const numbers = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, i) => from + i);
      const written = numbers.map((number) => {
        const part = Buffer.from(value.subarray(number * size, (number + 1) * size));
        return this.store.write([{ put: { key: this.store.keys.chunk(set, number, key), value: part } }]);
      });
      const done = await Promise.allSettled(written);
      for (const one of done) if (one.status === 'rejected') throw one.reason;
      if (done.some((one) => one.status === 'fulfilled' && !one.value)) throw goneError(this.store.name);
    }
  }
}
