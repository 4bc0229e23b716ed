import type { Batch } from '../../../application/ports/store.js';
import { isRefusal } from '../../../application/stores/recovery-state.js';
import { AppError } from '../../../domain/errors.js';
import { NoRoomError } from '../../files/storage-errors.js';
import { inTime } from './time-limit.js';
import { type EntryHeader, WriteGroup } from './write-group.js';

/** Lets everything that has arrived be handled first. */
const eventsHandled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A group takes no more batches beyond this size in bytes: the first of them would wait too long. */
const MAX_GROUP_BYTES = 32 * 1024 * 1024;

interface QueuedBatch {
  readonly batch: Batch;
  readonly resolve: (committed: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** What a store knows of the room for writes. A group `puts` if not all of its batches only remove. */
export interface GroupRoom {
  /** How many bytes a batch takes there, at most. */
  bytesOf(batch: Batch): number;
  /** Whether there is room for a group of so many bytes. Takes no time. */
  has(bytes: number, puts: boolean): boolean;
  /** Makes room. Rejects with a refusal, such as `insufficient_storage`, if there is none. */
  make(bytes: number, puts: boolean): Promise<void>;
}

/** How a store reads and writes for `GroupCommit`. */
export interface GroupCommitOptions {
  /** Named in errors. */
  readonly file: string;
  /** Milliseconds after which a write counts as failed; read at each write. */
  readonly timeout: number;
  /** How many entries a slow disk writes within the timeout; larger groups get more time. Without it none does. */
  readonly entriesPerTimeout?: number;
  /** What is stored now. */
  read(key: string): EntryHeader | undefined;
  /**
   * Makes the group durable and then visible to readers. Rejects with `NoRoomError` if nothing was changed for lack of
   * room: then each batch of the group is written alone, and only one that is refused alone rejects with that.
   */
  write(group: WriteGroup): Promise<void>;
  /** For stores that take the room for a write before it is begun. */
  readonly room?: GroupRoom;
  /** Runs a read and its write while other processes are locked out; for stores that others may write, too. */
  exclusive?<T>(task: () => Promise<T>): Promise<T>;
}

/**
 * Lets batches that arrive during a write share the next one, and adds no wait if none runs. After a failed write all
 * commits reject with `unavailable`: data that the kernel has dropped would only seem to be written by a second
 * attempt.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #queue: QueuedBatch[] = [];
  #draining: Promise<void> | undefined;
  #failure: AppError | undefined;
  #hangs = false;
  /** How many of the batches that come next are written alone. */
  #alone = 0;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** Set once a write failed. */
  get failure(): AppError | undefined {
    return this.#failure;
  }

  /** Whether a write timed out that may still run: what it uses must not be freed. */
  get hangs(): boolean {
    return this.#hangs;
  }

  /** For a store that cannot go on for another reason: as after a failed write. */
  fail(cause: unknown): void {
    if (this.#failure === undefined) this.#fail([], cause);
  }

  /** As `Store.commit`. */
  commit(batch: Batch): Promise<boolean> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#queue.push({ batch, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when nothing is queued; within the timeout if a write hangs. */
  async idle(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      // Batches of requests that have arrived already join in; if there are none, this takes no time.
      await eventsHandled();
      try {
        await (this.#options.exclusive?.(() => this.#writeNext()) ?? this.#writeNext());
      } catch (cause) {
        this.#fail([], cause);
      }
    }
    this.#draining = undefined;
  }

  async #writeNext(): Promise<void> {
    if (!(await this.#makeRoom())) return;
    const group = new WriteGroup((key) => this.#options.read(key));
    const members = this.#gather(group);
    try {
      if (group.changes.size > 0) await this.#inTime(() => this.#options.write(group), group.changes.size);
    } catch (cause) {
      if (cause instanceof NoRoomError) return this.#refuse(members, cause);
      return this.#fail(
        members.map(({ queued }) => queued),
        cause,
      );
    }
    for (const { queued, committed } of members) queued.resolve(committed);
  }

  /** A batch that removes has room where one that puts has none. */
  #refuse(members: readonly { queued: QueuedBatch }[], cause: NoRoomError): void {
    const [only, ...others] = members;
    if (others.length === 0) {
      only?.queued.reject(cause);
      return;
    }
    this.#queue.unshift(...members.map(({ queued }) => queued));
    this.#alone = members.length;
  }

  #fail(members: readonly QueuedBatch[], cause: unknown): void {
    const message = `${this.#options.file}: a write failed; it is closed until opened again`;
    const failure = new AppError('unavailable', message, { cause });
    this.#failure = failure;
    for (const queued of [...members, ...this.#queue.splice(0)]) queued.reject(failure);
  }

  #gather(group: WriteGroup): { queued: QueuedBatch; committed: boolean }[] {
    const members = [];
    const { room } = this.#options;
    let [taken, bytes, puts] = [0, 0, false];
    for (const queued of this.#queue) {
      if (group.bytes >= MAX_GROUP_BYTES) break;
      bytes += room?.bytesOf(queued.batch) ?? 0;
      puts ||= putsAny(queued.batch);
      // There is room for the first one.
      if (taken > 0 && (this.#alone > 0 || room?.has(bytes, puts) === false)) break;
      taken++;
      try {
        members.push({ queued, committed: group.add(queued.batch) });
      } catch (error) {
        queued.reject(error);
      }
    }
    this.#queue.splice(0, taken);
    this.#alone = Math.max(0, this.#alone - 1);
    return members;
  }

  /** Makes room for the first batch; false if it was refused. */
  async #makeRoom(): Promise<boolean> {
    const { room } = this.#options;
    const [queued] = this.#queue;
    if (room === undefined || queued === undefined) return true;
    const [bytes, puts] = [room.bytesOf(queued.batch), putsAny(queued.batch)];
    if (room.has(bytes, puts)) return true;
    try {
      await this.#inTime(() => room.make(bytes, puts), 1);
      return true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#queue.shift();
      queued.reject(error);
      return false;
    }
  }

  #inTime(task: () => Promise<void>, entries: number): Promise<void> {
    const { timeout, entriesPerTimeout = Number.POSITIVE_INFINITY } = this.#options;
    return inTime(task, timeout * Math.max(1, entries / entriesPerTimeout), () => {
      this.#hangs = true;
    });
  }
}

function putsAny({ put = [] }: Batch): boolean {
  return put.length > 0;
}
