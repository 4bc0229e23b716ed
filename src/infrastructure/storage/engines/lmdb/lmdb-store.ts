import type { Batch, Range, Store } from '../../../../application/ports/store.js';
import { contentBytes, type Entry, type EntryHead, entryBytes } from '../../../../domain/entry.js';
import { AppError } from '../../../../domain/errors.js';
import { corruptFile } from '../../../files/storage-errors.js';
import { decodeHead, decodeRecord, encodeRecord, readHeader } from '../../building-blocks/entry-record.js';
import { GroupCommit } from '../../building-blocks/group-commit.js';
import { headerOf, packEntry, unpackEntry } from '../../building-blocks/packed-entry.js';
import type { EntryHeader, WriteGroup } from '../../building-blocks/write-group.js';
import { closeEnvironment, type Environment } from './environment.js';
import { keyOfPair, within } from './key-range.js';
import { formatMetadata, METADATA_KEY, type Metadata, parseMetadata } from './metadata.js';
import { RowCache } from './row-cache.js';

const NO_VALUE = Buffer.alloc(0);
/** How much memory the cache of entries may take. */
const CACHE_BYTES = 16 * 1024 * 1024;

/** What a store holds. */
export interface StoredState extends Metadata {
  /** The earliest expiry (ms since 1970), infinite if no entry expires. */
  readonly nextExpiry: number;
}

/** What a store records of how it was closed. */
export interface Shutdown {
  /** Whether it is recorded that the data file was closed as it is now. If so, `clear` is called before a write. */
  readonly recorded: boolean;
  clear(): Promise<void>;
  /** Called after everything is written and closed, and never after a failed write. */
  closed(state: StoredState): Promise<void>;
}

/**
 * A project in an LMDB environment that only this process writes. Reads return at once, from the last durable commit.
 * Batches are checked on the thread that reads; only writing and syncing is left to lmdb's thread.
 */
export class LmdbStore implements Store {
  readonly #env: Environment;
  readonly #commits: GroupCommit;
  readonly #shutdown: Shutdown;
  /** What lmdb holds before and after the commit that runs: no entry that it changes. */
  readonly #cache = new RowCache(CACHE_BYTES);
  #changing: WriteGroup['changes'] | undefined;
  #size: Metadata;
  #closed: AppError | undefined;
  #closing: Promise<void> | undefined;

  /** `options` may change. */
  constructor(env: Environment, options: { readonly commit_timeout: number }, shutdown: Shutdown) {
    this.#env = env;
    this.#shutdown = shutdown;
    this.#commits = new GroupCommit({
      file: env.file,
      get timeout() {
        return options.commit_timeout * 1000;
      },
      read: (key) => this.#withFileName(() => this.#header(key)),
      write: (group) => this.#write(group),
    });
    this.#size = parseMetadata(env.meta.getBinary(METADATA_KEY) ?? NO_VALUE);
  }

  get(key: string): Entry | undefined {
    return this.#read(() => {
      const cached = this.#cache.get(key);
      return cached === undefined ? this.#readAndCache(key) : unpackEntry(key, cached);
    });
  }

  getMany(keys: readonly string[]): readonly (Entry | undefined)[] {
    return this.#read(() => keys.map((key) => this.#entry(key)));
  }

  scan(range: Range): readonly Entry[] {
    const { limit, bytes = Number.POSITIVE_INFINITY } = range;
    return this.#read(() => {
      const found: Entry[] = [];
      if (limit <= 0) return found;
      let left = bytes;
      for (const { key, value } of within(range, (seek) => this.#env.entries.getRange(seek), keyOfPair)) {
        const entry = decodeRecord(key, value);
        left -= contentBytes(entry);
        if (found.push(entry) >= limit || left <= 0) break;
      }
      return found;
    });
  }

  scanHeads(range: Omit<Range, 'bytes'>): readonly EntryHead[] {
    return this.#read(() => {
      const found: EntryHead[] = [];
      if (range.limit <= 0) return found;
      for (const key of within(
        range,
        (seek) => this.#env.entries.getKeys(seek),
        (it) => it,
      )) {
        const shared = this.#shared(key);
        if (shared !== undefined && found.push(decodeHead(key, shared)) >= range.limit) break;
      }
      return found;
    });
  }

  expiring(before: number, limit: number): readonly string[] {
    return this.#read(() => {
      const found: string[] = [];
      if (limit <= 0) return found;
      for (const { expiresAt, key } of this.#env.expiry.getKeys({ start: undefined })) {
        if (expiresAt > before || found.push(key) >= limit) break;
      }
      return found;
    });
  }

  size(): { keys: number; bytes: number } {
    // Not `#size`: lmdb's thread may make a commit visible a moment before this thread learns of it.
    const { keys, bytes } = this.#read(() => parseMetadata(this.#env.meta.getBinary(METADATA_KEY) ?? NO_VALUE));
    return { keys, bytes };
  }

  unreadable(): readonly string[] {
    return this.#read(() => []);
  }

  commit(batch: Batch): Promise<boolean> {
    return this.#closed === undefined ? this.#commits.commit(batch) : Promise.reject(this.#closed);
  }

  close(): Promise<void> {
    this.#closed ??= new AppError('unavailable', `${this.#env.file} is closed`);
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#commits.idle();
    const state = this.#commits.failure === undefined ? this.#state() : undefined;
    await closeEnvironment(this.#env, this.#commits.hangs);
    if (state !== undefined) await this.#shutdown.closed(state);
  }

  /** Undefined if it cannot be read. */
  #state(): StoredState | undefined {
    try {
      const [first] = this.#env.expiry.getKeys({ start: undefined });
      return { ...this.#size, nextExpiry: first?.expiresAt ?? Number.POSITIVE_INFINITY };
    } catch {
      return undefined;
    }
  }

  /** Runs a read, which must be synchronous: lmdb keeps one snapshot for all reads of a turn of the event loop. */
  #read<T>(read: () => T): T {
    const end = this.#closed ?? this.#commits.failure;
    if (end !== undefined) throw end;
    return this.#withFileName(read);
  }

  /** Makes every failure name the file and the cure. */
  #withFileName<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw corruptFile(this.#env.file, error);
    }
  }

  /** Only single reads fill the cache, so that a scan or a copy does not evict the entries in use. */
  #readAndCache(key: string): Entry | undefined {
    const entry = this.#stored(key);
    if (entry !== undefined && !this.#changing?.has(key)) this.#cache.set(key, packEntry(entry));
    return entry;
  }

  #entry(key: string): Entry | undefined {
    const cached = this.#cache.get(key);
    return cached === undefined ? this.#stored(key) : unpackEntry(key, cached);
  }

  #stored(key: string): Entry | undefined {
    const shared = this.#shared(key);
    if (shared === undefined) return undefined;
    // The only copy: the value of the entry is a view on it.
    return decodeRecord(key, Buffer.from(shared));
  }

  #header(key: string): EntryHeader | undefined {
    const cached = this.#cache.get(key);
    if (cached !== undefined) return headerOf(key, cached);
    const shared = this.#shared(key);
    return shared === undefined ? undefined : readHeader(key, shared);
  }

  /** A record in memory that lmdb owns: its one buffer for reads, or the memory map for 16 MiB and more. */
  #shared(key: string): Buffer | undefined {
    const { entries } = this.#env;
    const shared = entries.getBinaryFast(key);
    return shared && Buffer.from(shared.buffer, shared.byteOffset, entries.lastSize);
  }

  async #write(group: WriteGroup): Promise<void> {
    if (this.#shutdown.recorded) await this.#shutdown.clear();
    const { entries, expiry, meta } = this.#env;
    const size = sizeAfter(this.#size, group);
    const metadata = formatMetadata(size);
    const changes = [...group.changes.values()];
    const records = changes.map(({ entry }) => entry && encodeRecord(entry));
    this.#changing = group.changes;
    const inUse = changes.filter(({ key }) => this.#cache.delete(key));
    // Nothing in here may throw, or lmdb would commit what came before: the keys are checked and encoded by now.
    await this.#env.commit(() => {
      for (const [i, { key, before, entry }] of changes.entries()) {
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
      meta.put(METADATA_KEY, metadata);
    });
    this.#size = size;
    this.#changing = undefined;
    for (const { key, entry } of inUse) if (entry !== undefined) this.#cache.set(key, packEntry(entry));
  }
}

function sizeAfter(size: Metadata, group: WriteGroup): Metadata {
  let { keys, bytes, hasMeta } = size;
  for (const { before, entry } of group.changes.values()) {
    keys += (entry === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
    bytes += (entry === undefined ? 0 : entryBytes(entry)) - (before?.bytes ?? 0);
    hasMeta ||= entry?.meta !== undefined;
  }
  return { keys, bytes, hasMeta };
}
