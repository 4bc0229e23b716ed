import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../../../../application/ports/logger.js';
import { AppError, CommitRefusedError } from '../../../../../domain/errors.js';
import { isFull, NoRoomError } from '../../../../files/storage-errors.js';
import type { Journal } from '../../../building-blocks/journal/journal.js';
import { inTime } from '../../../building-blocks/time-limit.js';
import type { Environment } from '../environment/environment.js';
import type { Metadata } from '../environment/metadata.js';
import { CorruptFileError } from '../pages/file-header.js';
import { LayerCopy } from './copy-changes.js';
import { EnvironmentRecovery } from './environment-recovery.js';
import type { PendingLayers } from './pending-layers.js';

/** Changes are copied when none was added for so many ms, or the first of them is so old. */
const QUIET_AFTER = 1_000;
const LONGEST = 30_000;
/**
 * Or as soon as there are so many: the more there are, the fewer pages are written for each. Those that remove are in
 * the way of reads, which find the keys in LMDB.
 */
const ENOUGH_KEYS = 25_000;
const ENOUGH_REMOVALS = 2_000;
/** Writes wait for LMDB while more is pending: so many keys, or bytes in the journal, or so often `journal_bytes`. */
const MOST_KEYS = 37_500;
const MOST_BYTES = 32 * 1024 * 1024;
const MOST_JOURNALS = 2;
/** While LMDB cannot be written, or the disk has no room, it is tried again after so many ms. */
const RETRY_AFTER = 500;
/** The longest that a read or a commit waits until LMDB is open again, in ms. To check a large file takes longer. */
const READABLE_TIMEOUT = 3_000;

/** May change. Changes are copied as soon as they have `journal_bytes`. */
export interface CheckpointOptions {
  readonly commit_timeout: number;
  readonly journal_bytes: number;
}

/** What a checkpoint works on. */
export interface CheckpointedStore {
  readonly env: Environment;
  readonly journal: Journal;
  readonly layers: PendingLayers;
  readonly options: CheckpointOptions;
  readonly log: Logger;
  /** What the store holds, with all pending changes. */
  metadata(): Metadata;
  /** Checks the files, as before they are opened. Rejects when the signal is aborted. */
  checkFiles(signal: AbortSignal): Promise<unknown>;
  /** Called when a transaction hangs, or the files are damaged: then only closing the store can help. */
  failed(cause: unknown): void;
}

/**
 * Copies what is in the journal into LMDB, in the background: many commits as one transaction, after which their frames
 * are released. The transaction stores the number of the last frame that it contains.
 *
 * If that fails, the changes stay pending and their frames stay in the journal. Until it succeeds the environment is
 * opened again and again, and commits go on up to a bound.
 */
export class Checkpoint {
  readonly #store: CheckpointedStore;
  readonly #recovery: EnvironmentRecovery;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When the first change was added that is not sealed, as of `performance.now`. */
  #pendingSince: number | undefined;
  /** The layer that is being copied. */
  #copy: LayerCopy | undefined;
  /** Why the last attempt failed. */
  #obstacle: unknown;
  readonly #stopping = new AbortController();
  #hangs = false;

  constructor(store: CheckpointedStore) {
    this.#store = store;
    this.#recovery = new EnvironmentRecovery(store.env, store.checkFiles);
  }

  /** Whether a transaction timed out that may still run. */
  get hangs(): boolean {
    return this.#hangs;
  }

  /** Begins with what was added to the layers, now or later. */
  schedule(): void {
    if (this.#running !== undefined || this.#isStopped || this.#obstacle !== undefined) return;
    const { layers, journal, options } = this.#store;
    const isEnough = layers.unsealedKeys >= ENOUGH_KEYS || layers.unsealedRemovals >= ENOUGH_REMOVALS;
    if (isEnough || journal.bytes >= options.journal_bytes) {
      this.#start();
      return;
    }
    const now = performance.now();
    this.#pendingSince ??= now;
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#start(), QUIET_AFTER).unref();
    else if (now - this.#pendingSince < LONGEST - QUIET_AFTER) this.#timer.refresh();
  }

  /** Whether a group may be written without waiting. What only removes may always, if the disk has no room. */
  accepts(puts: boolean): boolean {
    return this.#store.env.isReadable && (!this.#isBehind || (this.#lacksRoom && !puts));
  }

  /** Resolves when a group may be written. Rejects with a refusal if LMDB lacks room, or cannot be written. */
  async catchUp(puts: boolean): Promise<void> {
    const { env } = this.#store;
    while (!this.accepts(puts)) {
      if (this.#isStopped) throw new AppError('unavailable', `${env.file} is closed`);
      if (!env.isReadable) {
        await this.#reopened();
        if (!env.isReadable) throw this.#refusal(this.#obstacle);
      } else if (this.#obstacle !== undefined) throw this.#refusal(this.#obstacle);
      else {
        this.#start();
        await this.#running;
      }
    }
  }

  /** Resolves when LMDB can be read. Rejects with a refusal if it could not be opened again for now. */
  async readable(): Promise<void> {
    await this.#reopened();
    const { env } = this.#store;
    if (!env.isReadable) throw new CommitRefusedError(`${env.file} is being opened again`, { cause: this.#obstacle });
  }

  /** Copies all that is pending now. Rejects if it cannot be copied. */
  async flush(): Promise<void> {
    while (this.#running !== undefined) await this.#running.catch(() => undefined);
    while (!this.#store.layers.isEmpty) {
      this.#running = this.#copyLayer().finally(() => {
        this.#running = undefined;
      });
      await this.#running;
    }
  }

  /** Resolves when nothing runs; nothing is copied by itself after this. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#running?.catch(() => undefined);
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  get #lacksRoom(): boolean {
    return this.#obstacle instanceof NoRoomError;
  }

  get #isBehind(): boolean {
    const { layers, journal, options } = this.#store;
    if (layers.isEmpty) return false;
    const most = Math.max(MOST_BYTES, MOST_JOURNALS * options.journal_bytes);
    return layers.unsealedKeys > MOST_KEYS || journal.bytes > most;
  }

  /** Resolves when the attempt that runs has ended, or after some time. */
  async #reopened(): Promise<void> {
    const timeout = Math.min(READABLE_TIMEOUT, (this.#store.options.commit_timeout * 1000) / 2);
    await Promise.race([this.#running?.catch(() => undefined), sleep(timeout, undefined, { ref: false })]);
  }

  #refusal(cause: unknown): AppError {
    const { file } = this.#store.env;
    if (this.#lacksRoom || isFull(cause)) return new AppError('insufficient_storage', `${file}: the disk is full`);
    const why = cause instanceof Error ? cause.message : 'it is being opened again';
    return new CommitRefusedError(`${file} cannot be written (${why}). It is tried again all the time`, { cause });
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#running !== undefined || this.#isStopped || this.#store.layers.isEmpty) return;
    this.#running = this.#attempt().finally(() => {
      this.#running = undefined;
      if (!this.#store.layers.isEmpty) this.schedule();
    });
  }

  async #attempt(): Promise<void> {
    const { env, journal, log } = this.#store;
    try {
      await this.#copyLayer();
    } catch (error) {
      if (this.#hangs || error instanceof CorruptFileError) {
        this.#stopping.abort();
        this.#store.failed(error);
        return;
      }
      const what = error instanceof NoRoomError ? 'the disk has no room' : 'the data file cannot be written';
      if (this.#obstacle === undefined) log.warn({ file: env.file, error }, `a journal stays, because ${what}`);
      this.#obstacle = error;
      if (!env.isReadable) await this.#recovery.reopen(this.#stopping.signal).catch(() => undefined);
      await journal.giveBack().catch(() => undefined);
      if (!this.#isStopped) this.#timer = setTimeout(() => this.#start(), RETRY_AFTER).unref();
    }
  }

  async #copyLayer(): Promise<void> {
    const { journal, layers, metadata, env, log } = this.#store;
    await this.#inTime(() => this.#recovery.probe());
    await this.#recovery.reopenIfFailed(this.#stopping.signal);
    await this.#inTime(() => this.#recovery.settle());
    const sealed = layers.seal(metadata());
    this.#pendingSince = undefined;
    this.#copy ??= new LayerCopy(env, sealed);
    for (const copy = this.#copy; !copy.isDone; ) await this.#inTime(() => copy.copyNext());
    this.#copy = undefined;
    layers.dropSealed();
    if (this.#obstacle !== undefined) log.info({ file: env.file }, 'the data file is written again');
    this.#obstacle = undefined;
    // The frames are left out when the journal is opened again, even if they are not released.
    await journal.release(sealed.changes.sequence).catch((error: unknown) => {
      log.warn({ file: env.file, error }, 'frames of a journal could not be released');
    });
  }

  #inTime(task: () => Promise<void>): Promise<void> {
    return inTime(task, this.#store.options.commit_timeout * 1000, () => {
      this.#hangs = true;
    });
  }
}
