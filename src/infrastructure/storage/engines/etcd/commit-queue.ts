import { type AppError, CommitRefusedError } from '../../../../domain/errors.js';
import type { Totals } from '../../../../domain/totals.js';
import { refusalOf } from './client/etcd-error.js';
import { CommitPlan, headAfter, type QueuedBatch } from './commit-plan.js';
import type { Counters } from './counters.js';
import type { EntryReader } from './entry-reader.js';
import { ABSENT, type StoredHead } from './entry-rows.js';
import type { KnownHeads } from './known-heads.js';
import type { OpenStore } from './open-store.js';

/** A commit that others were faster than so often was not done. */
const MAX_RACES = 50;
/** After so many of them batches no longer share a transaction: each would suffer from the rivals of all. */
const SHARED_RACES = 2;
/** The longest pause after a lost race, in ms; it doubles up to this. */
const MAX_PAUSE = 50;

/** Lets everything that has arrived be handled first. */
const eventsHandled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Waiting extends QueuedBatch {
  readonly resolve: (committed: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/** Lets batches that arrive during a commit share the next one, as far as they have no keys in common. */
export class CommitQueue {
  readonly #store: OpenStore;
  readonly #reader: EntryReader;
  readonly #heads: KnownHeads;
  readonly #counters: Counters;
  #queue: Waiting[] = [];
  #draining: Promise<void> | undefined;
  #failure: AppError | undefined;

  constructor(store: OpenStore, reader: EntryReader, heads: KnownHeads, counters: Counters) {
    this.#store = store;
    this.#reader = reader;
    this.#heads = heads;
    this.#counters = counters;
  }

  /** Whether it is unknown what the last commit did. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  commit(batch: QueuedBatch): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ ...batch, resolve, reject });
      this.#draining ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      // Batches of requests that have arrived already join in.
      await eventsHandled();
      const group = this.#failure === undefined ? this.#gather() : this.#queue.splice(0);
      const meanwhile = [...this.#queue];
      try {
        if (this.#failure !== undefined) throw new CommitRefusedError(this.#failure.message);
        this.#refuse(meanwhile, await this.#commit(group));
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#draining = undefined;
  }

  /**
   * Refuses those that waited while some keys were looked at or changed, and expected something else of them: each need
   * not be looked at again.
   */
  #refuse(waited: readonly Waiting[], looked: ReadonlySet<string>): void {
    const lost = new Set(
      waited.filter(({ expect }) => !this.#holds({ expect: expect.filter(({ key }) => looked.has(key)) })),
    );
    if (lost.size === 0) return;
    this.#queue = this.#queue.filter((batch) => !lost.has(batch));
    for (const { resolve } of lost) resolve(false);
  }

  /** The batches that may share a transaction, in the order in which they came. */
  #gather(): Waiting[] {
    const group: Waiting[] = [];
    const rest: Waiting[] = [];
    const taken = new Set<string>();
    for (const waiting of this.#queue) {
      const isFree = [...waiting.keys].every((key) => !taken.has(key));
      // A later one must not overtake an earlier one with the same key.
      for (const key of waiting.keys) taken.add(key);
      if (isFree && taken.size < this.#store.limits.max_txn_ops) group.push(waiting);
      else if (group.length === 0) group.push(waiting);
      else rest.push(waiting);
    }
    this.#queue = rest;
    return group;
  }

  /** Returns the keys that it changed or looked at. */
  async #commit(all: readonly Waiting[]): Promise<ReadonlySet<string>> {
    const looked = new Set<string>();
    let group = all;
    let isFresh = false;
    for (let races = 0; group.length > 0; ) {
      const totals = await this.#prepare(group, isFresh);
      const lost = group.filter((batch) => !this.#holds(batch));
      if (lost.length > 0 && !isFresh) {
        // What is remembered may be old.
        isFresh = true;
        continue;
      }
      for (const { resolve, keys } of lost) {
        for (const key of keys) looked.add(key);
        resolve(false);
      }
      const left = group.filter((batch) => !lost.includes(batch));
      const plan = new CommitPlan(this.#store, totals);
      const fitting = this.#fitting(left, plan, isFresh);
      if (fitting === undefined) {
        isFresh = true;
        continue;
      }
      const [part, rest] = fitting;
      this.#queue.unshift(...rest);
      if (part.length === 0) return looked;
      const revision = await this.#done(plan);
      if (revision !== undefined) {
        this.#remember(part, revision);
        for (const { resolve, keys } of part) {
          for (const key of keys) looked.add(key);
          resolve(true);
        }
        return looked;
      }
      group = part;
      isFresh = true;
      races += 1;
      if (races === MAX_RACES)
        throw new CommitRefusedError(`${this.#store.name}: others were faster each time: try again`);
      if (races > SHARED_RACES) {
        if (!plan.isLimited) {
          this.#queue.unshift(...group.slice(1));
          group = group.slice(0, 1);
        }
        await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(2 ** races, MAX_PAUSE)));
      }
    }
    return looked;
  }

  /** Reads what is not known of the keys of the group, or all of it. Returns what the store holds, if that matters. */
  async #prepare(group: readonly Waiting[], anew: boolean): Promise<Totals> {
    try {
      const keys = group.flatMap((batch) => [...batch.keys]);
      const missing = anew ? keys : keys.filter((key) => this.#heads.get(key) === undefined);
      if (missing.length > 0) await this.#reader.storedHeads(missing);
      await this.#counters.prepare();
      if (group.every(({ limit }) => limit === undefined)) return { keys: 0, bytes: 0 };
      return await this.#counters.totals(anew);
    } catch (error) {
      throw refusalOf(error, this.#store.name) ?? error;
    }
  }

  #holds({ expect }: Pick<QueuedBatch, 'expect'>): boolean {
    return expect.every(({ key, version }) => this.#head(key).version === version);
  }

  /**
   * Those that fit the plan, which gets them, and the rest. One that does not fit any is rejected. Undefined, with
   * nothing done, if one exceeds its limit by what is remembered, which may be old.
   */
  #fitting(group: readonly Waiting[], plan: CommitPlan, isFresh: boolean): [Waiting[], Waiting[]] | undefined {
    const [part, rest]: [Waiting[], Waiting[]] = [[], []];
    for (const batch of group) {
      try {
        if (rest.length === 0 && plan.add(batch, this.#head)) part.push(batch);
        else if (part.length === 0 && rest.length === 0) batch.reject(plan.refusal(batch, this.#head));
        else rest.push(batch);
      } catch (error) {
        if (!isFresh && part.length === 0) return undefined;
        if (part.length === 0) batch.reject(error);
        else rest.push(batch);
      }
    }
    return [part, rest];
  }

  readonly #head = (key: string): StoredHead => this.#heads.get(key) ?? ABSENT;

  async #done({ compares, ops, added, isLimited, changes }: CommitPlan): Promise<number | undefined> {
    try {
      return await this.#counters.commit(compares, ops, added, isLimited, changes);
    } catch (error) {
      const { code } = error as AppError;
      if (!(error instanceof CommitRefusedError) && code === 'unavailable') this.#failure = error as AppError;
      throw error;
    }
  }

  #remember(group: readonly Waiting[], revision: number): void {
    for (const { put, remove } of group) {
      for (const encoded of put) this.#heads.remember(encoded.entry.key, headAfter(encoded, revision), revision);
      for (const key of remove) this.#heads.remember(key, ABSENT, revision);
    }
  }
}
