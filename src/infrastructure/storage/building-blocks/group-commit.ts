import type { Batch } from '../../../application/ports/store.js';
import { AppError } from '../../../domain/errors.js';
import { type EntryHeader, WriteGroup } from './write-group.js';

/** Lets everything that has arrived be handled first. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Most bytes that are written as one: more would keep the first of the batches waiting. */
const GROUP_BYTES = 32 * 1024 * 1024;

interface Waiting {
  readonly batch: Batch;
  readonly resolve: (committed: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** How a store reads and writes for `GroupCommit`. */
export interface GroupCommitOptions {
  /** Named in errors. */
  readonly file: string;
  /** Milliseconds after which a write counts as failed; asked at each. */
  readonly timeout: number;
  /** How many entries a write takes in that time at the least; as many as come where it is not set. */
  readonly pace?: number;
  /** What is stored now. */
  read(key: string): EntryHeader | undefined;
  /** Makes the group durable and then visible to readers. */
  write(group: WriteGroup): Promise<void>;
  /** Runs a reading and its writing with other processes kept out, where there may be some. */
  exclusive?<T>(task: () => Promise<T>): Promise<T>;
}

/**
 * Lets batches that arrive while a write runs share the next one, and adds no wait where none runs. After a failed write
 * all commits reject with `unavailable`: what the kernel has dropped, a second attempt would only seem to write.
 */
export class GroupCommit {
  readonly #ports: GroupCommitOptions;
  #queue: Waiting[] = [];
  #draining: Promise<void> | undefined;
  #failure: AppError | undefined;
  #hangs = false;

  constructor(ports: GroupCommitOptions) {
    this.#ports = ports;
  }

  /** Set once a write failed. */
  get failure(): AppError | undefined {
    return this.#failure;
  }

  /** Whether a write was given up that may still run: what it uses must not be freed. */
  get hangs(): boolean {
    return this.#hangs;
  }

  /** As `Store.commit`. */
  commit(batch: Batch): Promise<boolean> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#queue.push({ batch, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  /** Resolves when nothing is waiting; within the time limit where a write hangs. */
  async idle(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      // Batches of requests that have arrived already join in, too; with none there, this takes no time.
      await turn();
      try {
        await (this.#ports.exclusive?.(() => this.#writeNext()) ?? this.#writeNext());
      } catch (cause) {
        this.#fail([], cause);
      }
    }
    this.#draining = undefined;
  }

  async #writeNext(): Promise<void> {
    const group = new WriteGroup((key) => this.#ports.read(key));
    const members = this.#gather(group);
    try {
      if (group.changes.size > 0) await this.#limited(this.#ports.write(group), this.#timeFor(group.changes.size));
    } catch (cause) {
      return this.#fail(
        members.map(({ waiting }) => waiting),
        cause,
      );
    }
    for (const { waiting, committed } of members) waiting.resolve(committed);
  }

  #fail(members: readonly Waiting[], cause: unknown): void {
    const message = `${this.#ports.file}: a write failed; it is closed until opened again`;
    const failure = new AppError('unavailable', message, { cause });
    this.#failure = failure;
    for (const waiting of [...members, ...this.#queue.splice(0)]) waiting.reject(failure);
  }

  #gather(group: WriteGroup): { waiting: Waiting; committed: boolean }[] {
    const members = [];
    let taken = 0;
    for (const waiting of this.#queue) {
      if (group.bytes >= GROUP_BYTES) break;
      taken++;
      try {
        members.push({ waiting, committed: group.add(waiting.batch) });
      } catch (error) {
        waiting.reject(error);
      }
    }
    this.#queue.splice(0, taken);
    return members;
  }

  #timeFor(entries: number): number {
    const { timeout, pace = Number.POSITIVE_INFINITY } = this.#ports;
    return timeout * Math.max(1, entries / pace);
  }

  async #limited(write: Promise<void>, timeout: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#hangs = true;
        reject(new Error(`no answer from the disk for ${timeout} ms`));
      }, timeout);
    });
    try {
      await Promise.race([write, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
