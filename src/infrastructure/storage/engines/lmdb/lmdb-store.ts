import type { Logger } from '../../../../application/ports/logger.js';
import type { Batch, Range, Store } from '../../../../application/ports/store.js';
import { contentBytes, type Entry, type EntryHead, entryBytes } from '../../../../domain/entry.js';
import { AppError } from '../../../../domain/errors.js';
import { compareKeys } from '../../../../domain/key.js';
import { corruptFile } from '../../../files/storage-errors.js';
import { GroupCommit, type GroupRoom } from '../../building-blocks/group-commit.js';
import { encodeChanges, type FrameChange } from '../../building-blocks/journal/change-frame.js';
import type { Journal } from '../../building-blocks/journal/journal.js';
import { journalRoom } from '../../building-blocks/journal/journal-room.js';
import type { EntryHeader, KeyWrite, WriteGroup } from '../../building-blocks/write-group.js';
import { Checkpoint, type CheckpointOptions } from './checkpoint/checkpoint.js';
import { takePages, trimFile, usedBytesOf } from './checkpoint/file-room.js';
import { closeEnvironment, type Environment } from './environment/environment.js';
import { formatMetadata, METADATA_KEY, type Metadata, parseMetadata } from './environment/metadata.js';
import { StoredEntries } from './stored-entries.js';

/** Pages for a transaction that changes nothing but the metadata. */
const UPGRADE_PAGES = 64;

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

/** A frame of the journal that LMDB does not contain. */
export interface PendingFrame {
  readonly changes: readonly FrameChange[];
  readonly sequence: number;
}

/** A store as read from the disk, and how it is written. */
export interface LmdbState {
  readonly env: Environment;
  /** Undefined for a store that is only read. */
  readonly journal: Journal | undefined;
  readonly pending: readonly PendingFrame[];
  /** May change. */
  readonly options: CheckpointOptions;
  readonly shutdown: Shutdown;
  readonly log: Logger;
}

/**
 * A project in an LMDB environment that only this process writes, and a journal of what was committed since LMDB's last
 * transaction. A group of batches is written as a frame of the journal, then visible to readers, who find it in memory,
 * over what LMDB holds. A checkpoint copies it into LMDB. Reads return at once.
 *
 * A frame gives the new state of its keys, whatever they were before, and LMDB says which frame is the last that it
 * contains: those after it are read again when the store is opened.
 */
export class LmdbStore implements Store {
  readonly #state: LmdbState;
  readonly #env: Environment;
  readonly #stored: StoredEntries;
  readonly #commits: GroupCommit;
  readonly #checkpoint: Checkpoint;
  /** With what is pending. */
  #metadata: Metadata;
  /** Why LMDB cannot be written any more. What there is can be read; the next commit closes the store. */
  #checkpointFailure: unknown;
  #closed: AppError | undefined;
  #closing: Promise<void> | undefined;

  constructor(state: LmdbState) {
    const { env, options, journal } = state;
    this.#state = state;
    this.#env = env;
    this.#stored = new StoredEntries(env);
    this.#metadata = parseMetadata(env.meta.getBinary(METADATA_KEY) ?? Buffer.alloc(0));
    this.#checkpoint = new Checkpoint({
      ...(state as LmdbState & { journal: Journal }),
      metadata: () => this.#metadata,
      failed: (cause) => {
        this.#checkpointFailure = cause;
      },
    });
    this.#commits = new GroupCommit({
      file: env.file,
      get timeout() {
        return options.commit_timeout * 1000;
      },
      read: (key) => this.#withFileName(() => this.#header(key)),
      write: (group) => this.#write(group),
      ...(journal === undefined ? {} : { room: this.#roomIn(journal) }),
    });
    if (journal === undefined) void this.#checkpoint.stop();
    for (const { changes, sequence } of state.pending) {
      const writes = changes.map((it) => ({ ...it, before: this.#withFileName(() => this.#header(it.key)) }));
      this.#add(writes, sequence);
    }
  }

  get(key: string): Entry | undefined {
    return this.#read(() => {
      const layer = this.#checkpoint.layerOf(key);
      return layer === undefined ? this.#stored.getAndCache(key) : layer.get(key);
    });
  }

  getMany(keys: readonly string[]): readonly (Entry | undefined)[] {
    return this.#read(() => keys.map((key) => (this.#checkpoint.layerOf(key) ?? this.#stored).get(key)));
  }

  scan(range: Range): readonly Entry[] {
    const { limit, bytes = Number.POSITIVE_INFINITY } = range;
    return this.#read(() => {
      const found: Entry[] = [];
      if (limit <= 0) return found;
      let left = bytes;
      let merged: Iterable<Entry> = this.#stored.scan(range);
      for (const layer of this.#checkpoint.layers) merged = layer.scan(range, merged);
      for (const entry of merged) {
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
      let merged: Iterable<EntryHead> = this.#stored.scanHeads(range);
      for (const layer of this.#checkpoint.layers) merged = layer.scanHeads(range, merged);
      for (const head of merged) if (found.push(head) >= range.limit) break;
      return found;
    });
  }

  expiring(before: number, limit: number): readonly string[] {
    return this.#read(() => {
      if (limit <= 0) return [];
      const { layers } = this.#checkpoint;
      // What a layer has is right unless a higher one decides about the key.
      const found = layers.flatMap((layer) =>
        layer.expiring(before, Number.POSITIVE_INFINITY).filter(({ key }) => this.#checkpoint.layerOf(key) === layer),
      );
      let stored = 0;
      for (const { expiresAt, key } of this.#stored.expiring()) {
        if (expiresAt > before || stored >= limit) break;
        if (this.#checkpoint.layerOf(key) !== undefined) continue;
        found.push({ expiresAt, key });
        stored++;
      }
      if (layers.length > 0) found.sort((a, b) => a.expiresAt - b.expiresAt || compareKeys(a.key, b.key));
      return found.slice(0, limit).map(({ key }) => key);
    });
  }

  size(): { keys: number; bytes: number } {
    return this.#read(() => ({ keys: this.#metadata.keys, bytes: this.#metadata.bytes }));
  }

  unreadable(): readonly string[] {
    return this.#read(() => []);
  }

  commit(batch: Batch): Promise<boolean> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    if (this.#checkpointFailure !== undefined) this.#commits.fail(this.#checkpointFailure);
    return this.#commits.commit(batch);
  }

  close(): Promise<void> {
    this.#closed ??= new AppError('unavailable', `${this.#env.file} is closed`);
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Leaves everything in LMDB and no journal. */
  async #close(): Promise<void> {
    const { journal, shutdown, log } = this.#state;
    await this.#commits.idle();
    await this.#checkpoint.stop();
    if (journal === undefined) {
      await closeEnvironment(this.#env, false);
      return shutdown.closed({ ...this.#metadata, nextExpiry: Number.POSITIVE_INFINITY });
    }
    if (this.#commits.failure === undefined && this.#checkpointFailure === undefined) {
      await this.#checkpoint.flush().catch((error: unknown) => {
        log.warn({ file: this.#env.file, error }, 'a journal could not be copied into the data file; it stays');
      });
    }
    const isWhole = this.#commits.failure === undefined && this.#checkpoint.isEmpty;
    const state = isWhole ? this.#storedState() : undefined;
    const usedBytes = state === undefined ? 0 : usedBytesOf(this.#env);
    if (this.#commits.hangs) journal.abandon();
    else await journal.close();
    await closeEnvironment(this.#env, this.#checkpoint.hangs);
    if (state === undefined) return;
    if (!shutdown.recorded) await trimFile(this.#env.file, usedBytes);
    await shutdown.closed(state);
  }

  /** Undefined if it cannot be read. */
  #storedState(): StoredState | undefined {
    try {
      const [first] = this.#stored.expiring();
      return { ...this.#metadata, nextExpiry: first?.expiresAt ?? Number.POSITIVE_INFINITY };
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

  #header(key: string): EntryHeader | undefined {
    return (this.#checkpoint.layerOf(key) ?? this.#stored).header(key);
  }

  #roomIn(journal: Journal): GroupRoom {
    const room = journalRoom(journal);
    return {
      bytesOf: room.bytesOf,
      has: (bytes, puts) => this.#checkpoint.accepts(puts) && room.has(bytes, puts),
      make: async (bytes, puts) => {
        await this.#checkpoint.catchUp(puts);
        await room.make(bytes, puts);
      },
    };
  }

  async #write(group: WriteGroup): Promise<void> {
    const { journal, shutdown } = this.#state;
    if (journal === undefined) throw new Error('the store is only read');
    const writes = [...group.changes.values()].filter((it) => it.before !== undefined || it.entry !== undefined);
    if (writes.length === 0) return;
    if (shutdown.recorded) await shutdown.clear();
    if (this.#metadata.sequence === undefined) await this.#upgrade(0);
    this.#env.requireInPlace();
    const frame = encodeChanges(writes);
    if (!journal.isInPlace) await this.#restartJournal(journal, frame);
    this.#add(writes, await journal.append(frame));
  }

  #add(writes: readonly KeyWrite[], sequence: number): void {
    for (const { key } of writes) this.#stored.forget(key);
    this.#metadata = metadataAfter(this.#metadata, writes);
    this.#checkpoint.add(writes, sequence);
  }

  /** Before the first frame: a PortKV that knows no journal must refuse the file. */
  async #upgrade(sequence: number): Promise<void> {
    const metadata = { ...this.#metadata, sequence };
    await takePages(this.#env, UPGRADE_PAGES);
    await this.#env.commit(() => this.#env.meta.put(METADATA_KEY, formatMetadata(metadata)));
    this.#metadata = metadata;
  }

  /** What was in the journal is in memory: all of it goes into LMDB, and there is room for the next frame. */
  async #restartJournal(journal: Journal, frame: readonly Buffer[]): Promise<void> {
    const { log } = this.#state;
    log.warn({ file: this.#env.file }, 'its journal was taken away or changed by another program; it begins again');
    await this.#checkpoint.flush();
    await journal.restart();
    await journal.reserve(
      frame.reduce((sum, part) => sum + part.length, 0),
      'remove',
    );
  }
}

function metadataAfter(metadata: Metadata, writes: readonly KeyWrite[]): Metadata {
  let { keys, bytes, hasMeta, sequence } = metadata;
  for (const { before, entry } of writes) {
    keys += (entry === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
    bytes += (entry === undefined ? 0 : entryBytes(entry)) - (before?.bytes ?? 0);
    hasMeta ||= entry?.meta !== undefined;
  }
  return { keys, bytes, hasMeta, sequence };
}
