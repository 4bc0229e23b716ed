import type { SwappableStore } from '../../stores/swappable-store.js';
import type { ChangeFeed } from './change-feed.js';
import { ChangeLog } from './change-log.js';
import { SharedChangeLog } from './shared-change-log.js';
import { type ReadableEntries, withEntries } from './with-entries.js';

/** The part of a keyspace that its feed needs. */
interface WatchedKeyspace extends ReadableEntries {
  readonly swappable: SwappableStore;
  readonly externalChanges: { poll(): Promise<void> };
}

/** Chooses the feed of a keyspace: what this process writes, or, if other servers write, the log of the store. */
export class CurrentFeed {
  readonly #keyspace: WatchedKeyspace;
  #feed: ChangeFeed;

  /**
   * `isShared` is whether other servers write to the same store, if that has a log. Then every commit has to say what
   * it changes, since a write that waits while the project moves may be made at another store than it began at.
   */
  constructor(
    keyspace: WatchedKeyspace,
    readonly isShared: boolean,
  ) {
    this.#keyspace = keyspace;
    this.#feed = this.#newFeed();
    keyspace.swappable.onSwap = () => this.#replace();
  }

  /** Another one after the project moved between a store that other servers write to and one of this process. */
  get feed(): ChangeFeed {
    return this.#feed;
  }

  get #readsCommits(): boolean {
    return this.isShared && this.#keyspace.swappable.commitLog !== undefined;
  }

  #newFeed(): ChangeFeed {
    const keyspace = this.#keyspace;
    // Changes of other programs are looked for while a client waits for changes.
    if (!this.#readsCommits) return new ChangeLog(() => void keyspace.externalChanges.poll().catch(() => undefined));
    return new SharedChangeLog({
      commitLog: () => keyspace.swappable.commitLog,
      withEntries: (changes) => withEntries(keyspace, changes),
    });
  }

  #replace(): void {
    const before = this.#feed;
    if (before instanceof SharedChangeLog) before.storeReplaced();
    if (this.#readsCommits === before instanceof SharedChangeLog) return;
    this.#feed = this.#newFeed();
    before.close();
  }
}
