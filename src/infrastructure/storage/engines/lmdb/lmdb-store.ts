import type { Awaitable } from '../../../../application/awaitable.js';
import type { Logger } from '../../../../application/ports/logger.js';
import type { Batch, Range, Store } from '../../../../application/ports/store.js';
import type { Entry, EntryHead } from '../../../../domain/entry.js';
import { AppError } from '../../../../domain/errors.js';
import { GroupCommit } from '../../building-blocks/group-commit.js';
import type { KeyWrite, WriteGroup } from '../../building-blocks/write-group.js';
import { Checkpoint, type CheckpointedStore, type CheckpointOptions } from './checkpoint/checkpoint.js';
import { checkpointRoom } from './checkpoint/checkpoint-room.js';
import { trimFile, usedBytesOf } from './checkpoint/file-room.js';
import { PendingLayers } from './checkpoint/pending-layers.js';
import type { Shutdown, StoredState } from './clean-shutdown.js';
import { EntryReader } from './entries/entry-reader.js';
import { MergedEntries } from './entries/merged-entries.js';
import { StoredEntries } from './entries/stored-entries.js';
import { closeEnvironment, type Environment } from './environment/environment.js';
import { type Metadata, metadataAfter } from './environment/metadata.js';
import { metadataIn } from './environment/stored-metadata.js';
import { JournalWriter } from './journal-writer.js';
import type { PendingFrame } from './pending-frames.js';

/** A store as read from the disk, and how it is written. */
export interface LmdbState {
  readonly env: Environment;
  /** Undefined for a store that is only read. */
  readonly writing: Pick<CheckpointedStore, 'journal' | 'checkFiles'> | undefined;
  readonly pending: readonly PendingFrame[];
  /** May change. */
  readonly options: CheckpointOptions;
  readonly shutdown: Shutdown;
  readonly log: Logger;
}

/**
 * A project in an LMDB environment that only this process writes, and a journal of what was committed since LMDB's last
 * transaction. A group of batches is written as a frame of the journal, then visible to readers, who find it in memory,
 * over what LMDB holds. A checkpoint copies it into LMDB. Reads return at once, but while LMDB is opened again.
 *
 * A frame gives the new state of its keys, whatever they were before, and LMDB says which frame is the last that it
 * contains: those after it are read again when the store is opened.
 */
export class LmdbStore implements Store {
  readonly #state: LmdbState;
  readonly #env: Environment;
  readonly #stored: StoredEntries;
  readonly #layers = new PendingLayers();
  readonly #reader: EntryReader;
  readonly #commits: GroupCommit;
  readonly #checkpoint: Checkpoint | undefined;
  /** Undefined if the store is only read. */
  readonly #writer: JournalWriter | undefined;
  /** With what is pending. */
  #metadata: Metadata;
  /** Why LMDB cannot be written any more. What there is can be read; the next commit closes the store. */
  #checkpointFailure: unknown;
  #closed: AppError | undefined;
  #closing: Promise<void> | undefined;

  constructor(state: LmdbState) {
    const { env, options, writing, pending } = state;
    const journal = writing?.journal;
    this.#state = state;
    this.#env = env;
    this.#stored = new StoredEntries(env);
    this.#reader = new EntryReader(env, new MergedEntries(this.#stored, this.#layers), async () => {
      await this.#checkpoint?.readable();
      this.#requireUsable();
    });
    this.#metadata = metadataIn(env);
    this.#checkpoint = writing && this.#checkpointOf(writing);
    this.#writer = journal && this.#checkpoint && new JournalWriter(state, journal, this.#checkpoint);
    this.#commits = new GroupCommit({
      file: env.file,
      get timeout() {
        return options.commit_timeout * 1000;
      },
      read: (key) => this.#reader.header(key),
      write: (group) => this.#write(group),
      ...(journal && this.#checkpoint && { room: checkpointRoom(journal, this.#checkpoint) }),
    });
    for (const { changes, sequence } of pending) {
      const writes = changes.map((it) => ({ ...it, before: this.#reader.header(it.key) }));
      this.#add(writes, sequence);
    }
  }

  get(key: string): Awaitable<Entry | undefined> {
    return this.#read((entries) => entries.get(key));
  }

  getMany(keys: readonly string[]): Awaitable<readonly (Entry | undefined)[]> {
    return this.#read((entries) => entries.getMany(keys));
  }

  scan(range: Range): Awaitable<readonly Entry[]> {
    return this.#read((entries) => entries.scan(range));
  }

  scanHeads(range: Omit<Range, 'bytes'>): Awaitable<readonly EntryHead[]> {
    return this.#read((entries) => entries.scanHeads(range));
  }

  expiring(before: number, limit: number): Awaitable<readonly string[]> {
    return this.#read((entries) => entries.expiring(before, limit));
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
    const { writing, shutdown, log } = this.#state;
    await this.#commits.idle();
    await this.#checkpoint?.stop();
    if (writing === undefined || this.#checkpoint === undefined) {
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
    if (this.#commits.hangs) writing.journal.abandon();
    else await writing.journal.close();
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

  #read<T>(read: (entries: MergedEntries) => T): Awaitable<T> {
    this.#requireUsable();
    return this.#reader.read(read);
  }

  #requireUsable(): void {
    const end = this.#closed ?? this.#commits.failure;
    if (end !== undefined) throw end;
  }

  #checkpointOf(writing: Pick<CheckpointedStore, 'journal' | 'checkFiles'>): Checkpoint {
    return new Checkpoint({
      ...this.#state,
      ...writing,
      layers: this.#layers,
      metadata: () => this.#metadata,
      failed: (cause) => {
        this.#checkpointFailure = cause;
      },
    });
  }

  async #write(group: WriteGroup): Promise<void> {
    if (this.#writer === undefined) throw new Error('the store is only read');
    const writes = [...group.changes.values()].filter((it) => it.before !== undefined || it.entry !== undefined);
    if (writes.length > 0) this.#add(writes, await this.#writer.write(writes));
  }

  #add(writes: readonly KeyWrite[], sequence: number): void {
    for (const { key } of writes) this.#stored.forget(key);
    this.#metadata = metadataAfter(this.#metadata, writes);
    this.#layers.add(writes, sequence);
    this.#checkpoint?.schedule();
  }
}
