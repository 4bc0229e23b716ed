import type { Logger } from '../../../../../application/ports/logger.js';
import { AppError } from '../../../../../domain/errors.js';
import { NoRoomError } from '../../../../files/storage-errors.js';
import { encodeRecord } from '../../../building-blocks/entry-record.js';
import type { Journal } from '../../../building-blocks/journal/journal.js';
import { inTime } from '../../../building-blocks/time-limit.js';
import type { Environment } from '../environment/environment.js';
import { formatMetadata, METADATA_KEY, type Metadata } from '../environment/metadata.js';
import { pagesFor, takePages } from './file-room.js';
import { PendingChanges } from './pending-changes.js';

const NO_VALUE = Buffer.alloc(0);
/** Changes are copied after so many ms, or as soon as there are so many. */
const INTERVAL = 1_000;
const ENOUGH_KEYS = 2_000;
/** Writes wait for LMDB while there are more pending changes than this, in keys and, at least, in bytes. */
const MOST_KEYS = 5 * ENOUGH_KEYS;
const MOST_BYTES = 16 * 1024 * 1024;
/** While the disk has no room, it is tried again after so many ms. */
const RETRY_AFTER = 500;

/** May change. Changes are copied as soon as they have `journal_bytes`. */
export interface CheckpointOptions {
  readonly commit_timeout: number;
  readonly journal_bytes: number;
}

/** What a checkpoint works on. */
export interface CheckpointedStore {
  readonly env: Environment;
  readonly journal: Journal;
  readonly options: CheckpointOptions;
  readonly log: Logger;
  /** What the store holds, with all pending changes. */
  metadata(): Metadata;
  /** Called when LMDB failed: nothing may be written to its file before that is opened again. */
  failed(cause: unknown): void;
}

/**
 * Copies what is in the journal into LMDB, in the background: many commits as one transaction, after which their frames
 * are released. The transaction stores the number of the last frame that it contains.
 *
 * Changes are pending in up to two layers: the lower one is copied, the upper one gets what is committed meanwhile.
 */
export class Checkpoint {
  readonly #store: CheckpointedStore;
  #upper = new PendingChanges();
  #lower: { readonly changes: PendingChanges; readonly metadata: Metadata } | undefined;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lacksRoom = false;
  #isStopped = false;
  #hangs = false;

  constructor(store: CheckpointedStore) {
    this.#store = store;
  }

  /** Whether a transaction timed out that may still run. */
  get hangs(): boolean {
    return this.#hangs;
  }

  get isEmpty(): boolean {
    return this.#lower === undefined && this.#upper.keys === 0;
  }

  /** What is not in LMDB, from the lowest layer to the highest. */
  get layers(): readonly PendingChanges[] {
    const upper = this.#upper.keys === 0 ? [] : [this.#upper];
    return this.#lower === undefined ? upper : [this.#lower.changes, ...upper];
  }

  /** The layer that decides about a key; undefined if LMDB does. */
  layerOf(key: string): PendingChanges | undefined {
    if (this.#upper.has(key)) return this.#upper;
    return this.#lower?.changes.has(key) ? this.#lower.changes : undefined;
  }

  /** Adds what was written to the journal. */
  add(...written: Parameters<PendingChanges['apply']>): void {
    this.#upper.apply(...written);
    this.#schedule();
  }

  /** Whether a group may be written without waiting. What only removes may always, if the disk has no room. */
  accepts(puts: boolean): boolean {
    return !this.#isBehind || (this.#lacksRoom && !puts);
  }

  /** Resolves when a group may be written. Rejects with `insufficient_storage` if that takes room on the disk. */
  async catchUp(puts: boolean): Promise<void> {
    while (!this.accepts(puts)) {
      if (this.#lacksRoom) throw new AppError('insufficient_storage', `${this.#store.env.file}: the disk is full`);
      this.#start();
      await this.#running;
      if (this.#isStopped) throw new AppError('unavailable', `${this.#store.env.file} is closed`);
    }
  }

  /** Copies all that is pending now. Rejects if it cannot be copied. */
  async flush(): Promise<void> {
    await this.#running;
    while (!this.isEmpty) {
      this.#running = this.#copy().finally(() => {
        this.#running = undefined;
      });
      await this.#running;
    }
  }

  /** Resolves when nothing runs; nothing is copied by itself after this. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running?.catch(() => undefined);
  }

  get #isBehind(): boolean {
    const { journal_bytes } = this.#store.options;
    return this.#upper.keys > MOST_KEYS || this.#upper.bytes > Math.max(MOST_BYTES, 4 * journal_bytes);
  }

  #schedule(): void {
    if (this.#running !== undefined || this.#isStopped || this.#lacksRoom) return;
    const isEnough = this.#upper.keys >= ENOUGH_KEYS || this.#upper.bytes >= this.#store.options.journal_bytes;
    if (isEnough) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), INTERVAL).unref();
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#running !== undefined || this.#isStopped || this.isEmpty) return;
    this.#running = this.#attempt().finally(() => {
      this.#running = undefined;
      if (!this.isEmpty) this.#schedule();
    });
  }

  async #attempt(): Promise<void> {
    const { env, journal, log } = this.#store;
    try {
      await this.#copy();
      this.#lacksRoom = false;
    } catch (error) {
      if (!(error instanceof NoRoomError)) {
        this.#isStopped = true;
        this.#store.failed(error);
        return;
      }
      if (!this.#lacksRoom) log.warn({ file: env.file, error }, 'a journal stays, because the disk has no room');
      this.#lacksRoom = true;
      await journal.giveBack().catch(() => undefined);
      if (!this.#isStopped) this.#timer = setTimeout(() => this.#start(), RETRY_AFTER).unref();
    }
  }

  async #copy(): Promise<void> {
    const { options, journal, metadata, env, log } = this.#store;
    if (this.#lower === undefined) {
      this.#lower = { changes: this.#upper, metadata: { ...metadata(), sequence: this.#upper.sequence } };
      this.#upper = new PendingChanges();
    }
    const { changes, metadata: after } = this.#lower;
    const copied = () => writeToLmdb(env, changes, after);
    await inTime(copied, options.commit_timeout * 1000, () => {
      this.#hangs = true;
    });
    this.#lower = undefined;
    // The frames are left out when the journal is opened again, even if they are not released.
    await journal.release(changes.sequence).catch((error: unknown) => {
      log.warn({ file: env.file, error }, 'frames of a journal could not be released');
    });
  }
}

/** One transaction, durably. Rejects with `NoRoomError`, with nothing attempted, if the disk has no room for it. */
async function writeToLmdb(env: Environment, changes: PendingChanges, after: Metadata): Promise<void> {
  const { entries, expiry, meta } = env;
  const writes = changes.writes();
  const records = writes.map(({ entry }) => entry && encodeRecord(entry));
  const metadata = formatMetadata(after);
  await takePages(env, pagesFor(env, writes, records));
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
    meta.put(METADATA_KEY, metadata);
  });
}
