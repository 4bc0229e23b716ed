import type { Awaitable } from '../../../../application/awaitable.js';
import type { Logger } from '../../../../application/ports/logger.js';
import type { Batch, Range, Store } from '../../../../application/ports/store.js';
import type { Entry, EntryHead } from '../../../../domain/entry.js';
import { AppError, CommitRefusedError } from '../../../../domain/errors.js';
import { corruptFile } from '../../../files/storage-errors.js';
import { GroupCommit } from '../../building-blocks/group-commit.js';
import { encodeChanges } from '../../building-blocks/journal/change-frame.js';
import type { Journal } from '../../building-blocks/journal/journal.js';
import type { EntryHeader, KeyWrite, WriteGroup } from '../../building-blocks/write-group.js';
import { Checkpoint, type CheckpointOptions } from './checkpoint/checkpoint.js';
import { checkpointRoom } from './checkpoint/checkpoint-room.js';
import { takePages, trimFile, UPGRADE_PAGES, usedBytesOf } from './checkpoint/file-room.js';
import { PendingLayers } from './checkpoint/pending-layers.js';
import type { Shutdown, StoredState } from './clean-shutdown.js';
import { closeEnvironment, type Environment } from './environment/environment.js';
import { formatMetadata, METADATA_KEY, type Metadata, metadataAfter } from './environment/metadata.js';
import { MergedEntries } from './merged-entries.js';
import { metadataIn, type PendingFrame } from './pending-frames.js';
import { StoredEntries } from './stored-entries.js';

/** A store as read from the disk, and how it is written. */
export interface LmdbState {
  readonly env: Environment;
  /** Undefined for a store that is only read. */
  readonly journal: Journal | undefined;
  readonly pending: readonly PendingFrame[];
  /** May change. */
  readonly options: CheckpointOptions;
  readonly shutdown: Shutdown;
  /** Checks the files, as before they are opened. */
  checkFiles(): Promise<unknown>;
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
  readonly #layers = new PendingLayers();
  readonly #entries: MergedEntries;
  readonly #commits: GroupCommit;
  readonly #checkpoint: Checkpoint | undefined;
  /** With what is pending. */
  #metadata: Metadata;
  /** Why LMDB cannot be written any more. What there is can be read; the next commit closes the store. */
  #checkpointFailure: unknown;
  #closed: AppError | undefined;
  #closing: Promise<void> | undefined;

  constructor(state: LmdbState) {
    const { env, options, journal, pending } = state;
    this.#state = state;
    this.#env = env;
    this.#stored = new StoredEntries(env);
    this.#entries = new MergedEntries(this.#stored, this.#layers);
    this.#metadata = metadataIn(env);
    this.#checkpoint = journal && this.#checkpointOf(journal);
    this.#commits = new GroupCommit({
      file: env.file,
      get timeout() {
        return options.commit_timeout * 1000;
      },
      read: (key) => this.#header(key),
      write: (group) => this.#write(group),
      ...(journal && this.#checkpoint && { room: checkpointRoom(journal, this.#checkpoint) }),
    });
    for (const { changes, sequence } of pending) {
      const writes = changes.map((it) => ({ ...it, before: this.#header(it.key) }));
      this.#add(writes, sequence);
    }
  }

  get(key: string): Awaitable<Entry | undefined> {
    return this.#read(() => this.#entries.get(key));
  }

  getMany(keys: readonly string[]): Awaitable<readonly (Entry | undefined)[]> {
    return this.#read(() => this.#entries.getMany(keys));
  }

  scan(range: Range): Awaitable<readonly Entry[]> {
    return this.#read(() => this.#entries.scan(range));
  }

  scanHeads(range: Omit<Range, 'bytes'>): Awaitable<readonly EntryHead[]> {
    return this.#read(() => this.#entries.scanHeads(range));
  }

  expiring(before: number, limit: number): Awaitable<readonly string[]> {
    return this.#read(() => this.#entries.expiring(before, limit));
  }

  size(): { keys: number; bytes: number } {
    this.#requireUsable();
    return { keys: this.#metadata.keys, bytes: this.#metadata.bytes };
  }

  unreadable(): readonly string[] {
    this.#requireUsable();
    return [];
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
    await this.#checkpoint?.stop();
    if (journal === undefined || this.#checkpoint === undefined) {
      await closeEnvironment(this.#env, false);
      return shutdown.closed({ ...this.#metadata, nextExpiry: Number.POSITIVE_INFINITY });
    }
    if (this.#commits.failure === undefined && this.#checkpointFailure === undefined) {
      await this.#checkpoint.flush().catch((error: unknown) => {
        log.warn({ file: this.#env.file, error }, 'a journal could not be copied into the data file; it stays');
      });
    }
    const isWhole = this.#commits.failure === undefined && this.#layers.isEmpty;
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

  /**
   * Runs a read, which must be synchronous: lmdb keeps one snapshot for all reads of a turn of the event loop. It waits
   * only while the files are opened again.
   */
  #read<T>(read: () => T): Awaitable<T> {
    this.#requireUsable();
    if (!this.#env.isReadable) return this.#readLater(read);
    try {
      return read();
    } catch (error) {
      if (!this.#env.staysReadable(error)) return this.#readLater(read);
      throw corruptFile(this.#env.file, error);
    }
  }

  async #readLater<T>(read: () => T): Promise<T> {
    await this.#checkpoint?.readable();
    return this.#read(read);
  }

  #requireUsable(): void {
    const end = this.#closed ?? this.#commits.failure;
    if (end !== undefined) throw end;
  }

  /** What is stored of a key that is to be written. */
  #header(key: string): EntryHeader | undefined {
    try {
      if (this.#env.isReadable) return this.#entries.header(key);
    } catch (error) {
      if (this.#env.staysReadable(error)) throw corruptFile(this.#env.file, error);
    }
    throw new CommitRefusedError(`${this.#env.file} is being opened again`);
  }

  #checkpointOf(journal: Journal): Checkpoint {
    return new Checkpoint({
      ...this.#state,
      journal,
      layers: this.#layers,
      metadata: () => this.#metadata,
      failed: (cause) => {
        this.#checkpointFailure = cause;
      },
    });
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
    this.#layers.add(writes, sequence);
    this.#checkpoint?.schedule();
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
    await this.#checkpoint?.flush();
    await journal.restart();
    await journal.reserve(
      frame.reduce((sum, part) => sum + part.length, 0),
      'remove',
    );
  }
}
