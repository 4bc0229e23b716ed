import type { Batch, Range, Store } from '../../../../application/ports/store.js';
import type { Entry } from '../../../../domain/entry.js';
import { entryBytes } from '../../../../domain/entry.js';
import { AppError } from '../../../../domain/errors.js';
import { compareKeys } from '../../../../domain/key.js';
import { MAX_KEY_BYTES } from '../../../../domain/limits.js';
import { decodeRecord, encodeRecord, readHeader } from '../../building-blocks/entry-record.js';
import { GroupCommit } from '../../building-blocks/group-commit.js';
import { headerOf, packEntry, unpackEntry } from '../../building-blocks/packed-entry.js';
import type { EntryHeader, WriteGroup } from '../../building-blocks/write-group.js';
import { damage } from './corruption.js';
import { closeEnvironment, type Environment } from './environment.js';
import { formatMetadata, METADATA_KEY, type Metadata, parseMetadata } from './metadata.js';
import { RowCache } from './row-cache.js';

const NO_VALUE = Buffer.alloc(0);
/** How much memory entries that are in use may take. */
const RECENT_BYTES = 16 * 1024 * 1024;

/**
 * A project in an LMDB environment that this process alone writes. Reads answer at once, from the last durable commit.
 * Batches are checked on the thread that reads; only writing and syncing is left to lmdb's thread.
 */
export class LmdbStore implements Store {
  readonly #env: Environment;
  readonly #commits: GroupCommit;
  readonly #whenClosed: () => Promise<void>;
  /** What lmdb holds, whichever commit it is asked about: nothing of what is being changed. */
  readonly #recent = new RowCache(RECENT_BYTES);
  #changing: WriteGroup['changes'] | undefined;
  #size: Metadata;
  #closed: AppError | undefined;
  #closing: Promise<void> | undefined;

  /** `options` may change meanwhile; `whenClosed` runs after all is written and closed, and never after a failed write. */
  constructor(env: Environment, options: { readonly commit_timeout: number }, whenClosed: () => Promise<void>) {
    this.#env = env;
    this.#whenClosed = whenClosed;
    this.#commits = new GroupCommit({
      file: env.file,
      get timeout() {
        return options.commit_timeout * 1000;
      },
      read: (key) => this.#naming(() => this.#head(key)),
      write: (group) => this.#write(group),
    });
    this.#size = parseMetadata(env.meta.getBinary(METADATA_KEY) ?? NO_VALUE);
  }

  get(key: string): Entry | undefined {
    return this.#reading(() => {
      const recent = this.#recent.get(key);
      return recent === undefined ? this.#entryInUse(key) : unpackEntry(key, recent);
    });
  }

  getMany(keys: readonly string[]): readonly (Entry | undefined)[] {
    return this.#reading(() => keys.map((key) => this.#entry(key)));
  }

  scan({ prefix = '', after, limit, bytes = Number.POSITIVE_INFINITY }: Range): readonly Entry[] {
    const from = after === undefined ? undefined : seekable(after);
    const start = from !== undefined && compareKeys(from, prefix) > 0 ? from : seekable(prefix);
    return this.#reading(() => {
      const found: Entry[] = [];
      if (limit <= 0) return found;
      let left = bytes;
      for (const { key, value } of this.#env.entries.getRange({ start: start || undefined })) {
        if (!key.startsWith(prefix)) break;
        if (key === from) continue;
        const entry = decodeRecord(key, value);
        left -= entry.value.length;
        if (found.push(entry) >= limit || left <= 0) break;
      }
      return found;
    });
  }

  expiring(before: number, limit: number): readonly string[] {
    return this.#reading(() => {
      const found: string[] = [];
      if (limit <= 0) return found;
      for (const { expiresAt, key } of this.#env.expiry.getKeys({ start: undefined })) {
        if (expiresAt > before || found.push(key) >= limit) break;
      }
      return found;
    });
  }

  size(): Metadata {
    // Not what was written last: lmdb's thread may make a commit visible a moment before this one hears of it.
    return this.#reading(() => parseMetadata(this.#env.meta.getBinary(METADATA_KEY) ?? NO_VALUE));
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
    await closeEnvironment(this.#env, this.#commits.hangs);
    if (this.#commits.failure === undefined) await this.#whenClosed();
  }

  /** Runs a read, which must not wait for anything: lmdb keeps one snapshot for all reads of a turn. */
  #reading<T>(read: () => T): T {
    const end = this.#closed ?? this.#commits.failure;
    if (end !== undefined) throw end;
    return this.#naming(read);
  }

  /** Lets every failure name the file and the cure. */
  #naming<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw damage(this.#env.file, error);
    }
  }

  /** What is read alone is in use; what is read, or written anew, with many others may be on its way through, as in a copy. */
  #entryInUse(key: string): Entry | undefined {
    const entry = this.#stored(key);
    if (entry !== undefined && !this.#changing?.has(key)) this.#recent.add(key, packEntry(entry));
    return entry;
  }

  #entry(key: string): Entry | undefined {
    const recent = this.#recent.get(key);
    return recent === undefined ? this.#stored(key) : unpackEntry(key, recent);
  }

  #stored(key: string): Entry | undefined {
    const shared = this.#shared(key);
    if (shared === undefined) return undefined;
    // The only copy: the entry's value is a view on it.
    return decodeRecord(key, Buffer.from(shared));
  }

  #head(key: string): EntryHeader | undefined {
    const recent = this.#recent.get(key);
    if (recent !== undefined) return headerOf(key, recent);
    const shared = this.#shared(key);
    return shared === undefined ? undefined : readHeader(key, shared);
  }

  /** A record in memory that lmdb owns: its one buffer for reads, or the map itself for 16 MiB and more. */
  #shared(key: string): Buffer | undefined {
    const { entries } = this.#env;
    const shared = entries.getBinaryFast(key);
    return shared && Buffer.from(shared.buffer, shared.byteOffset, entries.lastSize);
  }

  async #write(group: WriteGroup): Promise<void> {
    const { entries, expiry, meta } = this.#env;
    const size = sizeAfter(this.#size, group);
    const state = formatMetadata(size);
    const changes = [...group.changes.values()];
    const records = changes.map(({ entry }) => entry && encodeRecord(entry));
    this.#changing = group.changes;
    const inUse = changes.filter(({ key }) => this.#recent.forget(key));
    // Nothing in here may throw: lmdb would commit what came before. Hence the keys are checked and encoded by now.
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
      meta.put(METADATA_KEY, state);
    });
    this.#size = size;
    this.#changing = undefined;
    for (const { key, entry } of inUse) if (entry !== undefined) this.#recent.add(key, packEntry(entry));
  }
}

/** What lmdb can look for: its buffer for keys is small, and what stands where no key reaches decides nothing. */
function seekable(place: string): string {
  return place.slice(0, MAX_KEY_BYTES);
}

function sizeAfter(size: Metadata, group: WriteGroup): Metadata {
  let { keys, bytes } = size;
  for (const { before, entry } of group.changes.values()) {
    keys += (entry === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
    bytes += (entry === undefined ? 0 : entryBytes(entry)) - (before?.bytes ?? 0);
  }
  return { keys, bytes };
}
