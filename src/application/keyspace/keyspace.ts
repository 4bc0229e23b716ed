import type { Change } from '../../domain/change.js';
import { type Entry, type EntryHead, isLive } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import type { WriteStamp } from '../../domain/operation.js';
import { type Awaitable, andThen } from '../awaitable.js';
import { KeyedMutex, type Release } from '../keyed-mutex.js';
import type { Clock } from '../ports/clock.js';
import type { EntryRules } from '../ports/entry-rules.js';
import type { Range, Store } from '../ports/store.js';
import { isLimited } from '../stores/quota-store.js';
import { isRefusal } from '../stores/recovery-state.js';
import { isLast } from '../stores/store-pages.js';
import type { SwappableStore } from '../stores/swappable-store.js';
import type { ChangeFeed, PendingChanges } from './change-log/change-feed.js';
import { CurrentFeed } from './change-log/current-feed.js';
import { pauseAfter } from './contention.js';
import { ExternalChangePublisher } from './external-change-publisher.js';
import { publishReplacement } from './publish-replacement.js';
import type { KeyspaceStaging } from './staged-store.js';
import { sweepExpired } from './sweep-expired.js';
import { outcomeUnknown, UnknownOutcomes } from './unknown-outcomes.js';
import type { Versions } from './versions.js';
import { changesOf, type Decide, type StoredByKey, storedByKey } from './write.js';

interface RunningWrite<T> {
  readonly keys: readonly string[];
  readonly decide: Decide<T>;
  readonly versions: number;
  readonly release: Release;
  /** How often its commit was refused because another write came first. */
  refusals: number;
  /** Whether it is not known what its commit did: the keys stay taken then. */
  isUnknown: boolean;
}

/** Live entries; `last` is the last key that was read, undefined at the end. */
export interface ScannedPage<T> {
  readonly entries: readonly T[];
  readonly last: string | undefined;
}

/** An open project: its entries as clients see them, its versions, and the one way to write. */
export class Keyspace {
  /** Counted since the project was opened; `refused` because another write came first. */
  readonly commits = { done: 0, refused: 0, failed: 0 };
  /** Receives the changes that other programs make to the store. */
  readonly externalChanges = new ExternalChangePublisher(this);
  readonly #mutex = new KeyedMutex();
  readonly #feed: CurrentFeed;
  readonly #unknownOutcomes: UnknownOutcomes;
  #closed = false;

  constructor(
    readonly project: string,
    readonly store: Store,
    /** The part of `store` that is swapped by a migration or a restore. */
    readonly swappable: SwappableStore,
    readonly clock: Clock,
    readonly versions: Versions,
    /** Replaced when the project's settings change. */
    public rules: EntryRules,
    readonly staging: KeyspaceStaging,
    /** Whether other servers write to the same store, if that has a log of commits. */
    isShared = false,
  ) {
    this.#feed = new CurrentFeed(this, isShared);
    this.#unknownOutcomes = new UnknownOutcomes(store, swappable);
  }

  /** May be another one later. */
  get changes(): ChangeFeed {
    return this.#feed.feed;
  }

  /** The entry, unless it has expired. Synchronous if the engine is. */
  get(key: string): Awaitable<Entry | undefined> {
    return andThen(this.store.get(key), (found) => this.#live(found));
  }

  async getMany(keys: readonly string[]): Promise<(Entry | undefined)[]> {
    return (await this.store.getMany(keys)).map((entry) => this.#live(entry));
  }

  /** A page of the store in the order of the range. */
  async scan(range: Range): Promise<ScannedPage<Entry>> {
    const stored = await this.store.scan(range);
    return this.#page(stored, isLast(stored, range));
  }

  /** Like `scan`, without values. */
  async scanHeads(range: Omit<Range, 'bytes'>): Promise<ScannedPage<EntryHead>> {
    const stored = await this.store.scanHeads(range);
    return this.#page(stored, stored.length < range.limit);
  }

  #page<T extends EntryHead | Entry>(stored: readonly T[], isLast: boolean): ScannedPage<T> {
    const now = this.clock.now();
    const entries = stored.every((entry) => isLive(entry, now)) ? stored : stored.filter((entry) => isLive(entry, now));
    return { entries, last: isLast ? undefined : stored[stored.length - 1]?.key };
  }

  /**
   * Reads the entries, calls `decide`, and commits its decision if the entries are still the same; else repeats,
   * and throws or rejects with `unavailable` if other servers or programs were faster a hundred times. Writers of one
   * key run one after another. Synchronous, also if it throws, if the store is and the keys are free.
   * Throws or rejects with `outcome_unknown` if the store cannot tell whether the commit happened. `decide` may take as
   * many versions as there are keys, if no other number is given.
   */
  write<T>(keys: readonly string[], decide: Decide<T>, versions = keys.length): Awaitable<T> {
    return isLimited(this.rules) ? this.#writeWithinQuota(keys, decide, versions) : this.#write(keys, decide, versions);
  }

  /** Expired entries must not count towards a quota, even if they are not swept yet. */
  async #writeWithinQuota<T>(...write: [readonly string[], Decide<T>, number]): Promise<T> {
    try {
      return await this.#write(...write);
    } catch (error) {
      const overQuota = error instanceof AppError && error.code === 'insufficient_storage' && error.details?.limit;
      if (!overQuota) throw error;
    }
    await sweepExpired(this);
    return this.#write(...write);
  }

  #write<T>(keys: readonly string[], decide: Decide<T>, versions: number): Awaitable<T> {
    return andThen(this.#mutex.acquire(keys), (release) => {
      const write: RunningWrite<T> = { keys, decide, versions, release, refusals: 0, isUnknown: false };
      const failed = (error: unknown): never => {
        if (!write.isUnknown) release();
        throw error;
      };
      const ended = (result: T): T => {
        release();
        return result;
      };
      let result: Awaitable<T>;
      try {
        this.#unknownOutcomes.requireNone(keys);
        result = this.#attempt(write);
      } catch (error) {
        return failed(error);
      }
      return result instanceof Promise ? result.then(ended, failed) : ended(result);
    });
  }

  #attempt<T>(write: RunningWrite<T>): Awaitable<T> {
    return andThen(this.#stored(write.keys), (stored) => this.#withVersions(write, stored));
  }

  /** Tries again, at once or after a pause; throws `unavailable` if it was refused too often. */
  #repeat<T>(write: RunningWrite<T>): Awaitable<T> {
    write.refusals += 1;
    const pause = pauseAfter(write.refusals);
    return pause === undefined ? this.#attempt(write) : pause.then(() => this.#attempt(write));
  }

  /** The versions are issued in the same turn of the event loop in which they were granted. */
  #withVersions<T>(write: RunningWrite<T>, stored: readonly (Entry | undefined)[]): Awaitable<T> {
    for (const entry of stored) if (entry !== undefined) this.versions.surpass(entry.version);
    const wait = this.versions.reserve(write.versions);
    return wait instanceof Promise ? wait.then(() => this.#withVersions(write, stored)) : this.#commit(write, stored);
  }

  #commit<T>(write: RunningWrite<T>, stored: readonly (Entry | undefined)[]): Awaitable<T> {
    const { result, batch, changes } = this.#decide(write.keys, stored, write.decide);
    if (batch === undefined) return result;
    const feed = this.changes;
    const pending = feed.begin(changes[0]?.version as number, this.versions.last);
    const ended = (committed: boolean): Awaitable<T> => {
      this.commits[committed ? 'done' : 'refused'] += 1;
      const published = this.#publish(feed, pending, committed ? changes : NONE);
      return committed ? andThen(published, () => result) : this.#repeat(write);
    };
    const failed = (error: unknown): never => {
      this.commits.failed += 1;
      if (isRefusal(error)) {
        feed.end(pending, []);
        throw error;
      }
      write.isUnknown = true;
      void this.#unknownOutcomes
        .resolve(write.keys, batch, write.release)
        .then((happened) => this.#publish(feed, pending, happened ? changes : NONE));
      throw outcomeUnknown(error);
    };
    let committed: Awaitable<boolean>;
    try {
      committed = this.store.commit(batch);
    } catch (error) {
      return failed(error);
    }
    return committed instanceof Promise ? committed.then(ended, failed) : ended(committed);
  }

  /** Ends a write in its feed. If another one took the place of that meanwhile, readers have to load again. */
  #publish(feed: ChangeFeed, pending: PendingChanges, changes: readonly Change[]): Awaitable<void> {
    feed.end(pending, changes);
    if (changes.length > 0 && feed !== this.changes) return publishReplacement(this);
  }

  /** What to commit, and the changes that it makes; neither if the decision is to do nothing. */
  #decide<T>(keys: readonly string[], stored: readonly (Entry | undefined)[], decide: Decide<T>) {
    const now = this.clock.now();
    const stamp: WriteStamp = { now, version: () => this.versions.next() };
    const current = stored.map((entry) => (entry !== undefined && isLive(entry, now) ? entry : undefined));
    const { result, put = NONE, remove = NONE } = decide(current, stamp, stored);
    if (put.length + remove.length === 0) return { result, changes: NONE };
    const before = storedByKey(keys, stored);
    for (const entry of put) this.#check(entry, before);
    const batch = { expect: keys.map((key, i) => ({ key, version: stored[i]?.version })), put, remove };
    const changes = changesOf(batch, stamp, before, now);
    return { result, batch: this.#feed.isShared ? { ...batch, changes } : batch, changes };
  }

  /** A write that leaves the value as it is passes, even if the value exceeds a limit that was set later. */
  #check(entry: Entry, before: StoredByKey): void {
    try {
      this.rules.check(entry);
    } catch (error) {
      if (entry.value !== before(entry.key)?.value) throw error;
    }
  }

  /** What is stored under the keys, expired or not. */
  #stored(keys: readonly string[]): Awaitable<readonly (Entry | undefined)[]> {
    if (keys.length !== 1) return this.store.getMany(keys);
    return andThen(this.store.get(keys[0] as string), (found) => [found]);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Closes the store; later calls are refused with `reason` if it is given. */
  async close(reason?: AppError): Promise<void> {
    this.#closed = true;
    this.#unknownOutcomes.stop();
    if (reason !== undefined) this.swappable.rejectAll(reason);
    this.changes.close();
    await this.store.close();
  }

  #live(entry: Entry | undefined): Entry | undefined {
    if (entry?.expiresAt === undefined) return entry;
    return isLive(entry, this.clock.now()) ? entry : undefined;
  }
}

const NONE: readonly never[] = [];
