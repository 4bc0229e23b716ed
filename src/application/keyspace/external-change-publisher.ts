import { isLive } from '../../domain/entry.js';
import type { Clock } from '../ports/clock.js';
import type { ExternalChange, ExternalChangeListener } from '../ports/external-changes.js';
import type { SwappableStore } from '../stores/swappable-store.js';
import type { ChangeFeed } from './change-log/change-feed.js';
import type { Versions } from './versions.js';

/** How long late changes are collected before readers have to load again, in ms. */
const GAP_DELAY = 300;
/** The delay before the next attempt if no version can be reserved, in ms. */
const RETRY_DELAY = 500;
/** How many changes are published in one turn of the event loop. */
const BATCH = 500;

/** The part of a keyspace that publishing needs. */
interface PublishedKeyspace {
  readonly changes: ChangeFeed;
  readonly versions: Versions;
  readonly clock: Clock;
  readonly swappable: SwappableStore;
  readonly closed: boolean;
}

/**
 * Publishes what other programs did to a keyspace's store. An entry that they put has a version of theirs: if a later
 * one was published already, the order of versions cannot be kept, and readers are notified of a gap. A removal gets a
 * version here.
 */
export class ExternalChangePublisher implements ExternalChangeListener {
  #waiting: ExternalChange[] = [];
  #hasGap = false;
  #publishing = false;
  /** Looks for changes of other programs. */
  poll: () => Promise<void> = async () => undefined;

  constructor(private readonly keyspace: PublishedKeyspace) {}

  changed(changes: readonly ExternalChange[]): void {
    const { versions, swappable } = this.keyspace;
    swappable.notifyExternalChanges(changes);
    for (const change of changes) {
      if (change.entry !== undefined) versions.follow(change.entry.version);
      this.#waiting.push(change);
    }
    void this.#publish();
  }

  overflowed(): void {
    this.#hasGap = true;
    void this.#publish();
  }

  isWatched(): boolean {
    return this.keyspace.changes.isWatched;
  }

  setPoller(poll: () => Promise<void>): void {
    this.poll = poll;
  }

  async #publish(): Promise<void> {
    if (this.#publishing) return;
    this.#publishing = true;
    while (!this.keyspace.closed && (this.#waiting.length > 0 || this.#hasGap)) {
      try {
        await this.#reserve();
        for (const change of this.#waiting.splice(0, BATCH)) this.#publishOne(change);
        if (this.#waiting.length === 0 && this.#hasGap) await this.#publishGap();
      } catch {
        await sleep(RETRY_DELAY);
      }
    }
    this.#publishing = false;
  }

  async #reserve(): Promise<void> {
    const { versions } = this.keyspace;
    for (let wait = versions.reserve(BATCH); wait !== undefined; wait = versions.reserve(BATCH)) await wait;
  }

  #publishOne({ key, entry, expiredAt }: ExternalChange): void {
    const { changes, versions, clock } = this.keyspace;
    const now = clock.now();
    if (entry === undefined) {
      const event = expiredAt !== undefined && expiredAt <= now ? 'expire' : 'delete';
      const version = versions.next();
      changes.end(changes.begin(version), [{ event, key, version, sizeBytes: 0 }]);
    } else if (isLive(entry, now)) {
      // An expired entry is published when it is swept.
      const { version, value } = entry;
      const inserted =
        versions.last >= version && changes.insert({ event: 'put', key, version, sizeBytes: value.length, entry });
      if (!inserted) this.#hasGap = true;
    }
  }

  async #publishGap(): Promise<void> {
    const { changes, versions } = this.keyspace;
    await sleep(GAP_DELAY);
    await this.#reserve();
    this.#hasGap = false;
    // Readers that load again see these, too.
    this.#waiting = [];
    const version = versions.next();
    changes.endWithGap(changes.begin(version), version);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
