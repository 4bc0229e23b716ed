import { encodeRecord } from '../../../building-blocks/entry-record.js';
import type { KeyWrite } from '../../../building-blocks/write-group.js';
import type { Environment } from '../environment/environment.js';
import { formatMetadata, METADATA_KEY, type Metadata, metadataAfter } from '../environment/metadata.js';
import { metadataIn } from '../environment/stored-metadata.js';
import { pagesFor, takePages } from './file-room.js';
import type { SealedLayer } from './pending-layers.js';

const NO_VALUE = Buffer.alloc(0);
/** One transaction takes so many keys, or bytes of records: its writes are made in one turn of the event loop. */
const SLICE_KEYS = 2_000;
const SLICE_BYTES = 4 * 1024 * 1024;

/** What one transaction takes over, and what LMDB then holds. */
interface Slice {
  readonly writes: readonly KeyWrite[];
  readonly records: readonly (Buffer | undefined)[];
  readonly metadata: Metadata;
  readonly isLast: boolean;
}

/**
 * Copies a layer into LMDB, durably, in slices: each is one transaction with the keys that follow those before it.
 * Neighbours are on the same pages, so each page is written about once for the whole layer. What is stored of the size
 * is always that of the entries which are there; the number of the last frame follows with the last slice, so after a
 * crash all frames of the layer are read again.
 */
export class LayerCopy {
  readonly #env: Environment;
  readonly #layer: SealedLayer;
  readonly #writes: Iterator<KeyWrite>;
  /** What LMDB holds after the slices that are copied. */
  #metadata: Metadata;
  #ahead: IteratorResult<KeyWrite>;
  /** The slice that is copied now, or was when that failed. */
  #slice: Slice | undefined;
  #isDone = false;

  /** Nothing of the layer may be in LMDB. */
  constructor(env: Environment, layer: SealedLayer) {
    this.#env = env;
    this.#layer = layer;
    this.#metadata = { ...metadataIn(env), hasMeta: layer.metadata.hasMeta };
    this.#writes = layer.changes.writes();
    this.#ahead = this.#writes.next();
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /**
   * Copies the next slice. If it rejects, the next call copies the same one again, which is harmless if it was copied:
   * each change says what its key is afterwards. Rejects with `NoRoomError`, with nothing attempted, if the disk has no
   * room for it.
   */
  async copyNext(): Promise<void> {
    this.#slice ??= this.#nextSlice();
    const { writes, records, metadata, isLast } = this.#slice;
    await takePages(this.#env, pagesFor(this.#env, writes, records));
    await commitSlice(this.#env, this.#slice);
    this.#metadata = metadata;
    this.#isDone = isLast;
    this.#slice = undefined;
  }

  #nextSlice(): Slice {
    const writes: KeyWrite[] = [];
    const records: (Buffer | undefined)[] = [];
    for (let bytes = 0; !this.#ahead.done && writes.length < SLICE_KEYS && bytes < SLICE_BYTES; ) {
      const write = this.#ahead.value;
      const record = write.entry && encodeRecord(write.entry);
      writes.push(write);
      records.push(record);
      bytes += record?.length ?? 0;
      this.#ahead = this.#writes.next();
    }
    const isLast = this.#ahead.done === true;
    const metadata = isLast ? this.#layer.metadata : metadataAfter(this.#metadata, writes);
    return { writes, records, metadata, isLast };
  }
}

async function commitSlice(env: Environment, { writes, records, metadata }: Slice): Promise<void> {
  const { entries, expiry, meta } = env;
  const formatted = formatMetadata(metadata);
  // Nothing in here may throw, or lmdb would commit what came before: the keys are checked and encoded by now.
  await env.commit(() => {
    for (const [i, { key, before, entry }] of writes.entries()) {
      const record = records[i];
      if (before?.expiresAt !== undefined && before.expiresAt !== entry?.expiresAt) {
        expiry.remove({ expiresAt: before.expiresAt, key });
      }
      if (record !== undefined) entries.put(key, record);
      else if (before !== undefined) entries.remove(key);
      if (entry?.expiresAt !== undefined && entry.expiresAt !== before?.expiresAt) {
        expiry.put({ expiresAt: entry.expiresAt, key }, NO_VALUE);
      }
    }
    meta.put(METADATA_KEY, formatted);
  });
}
