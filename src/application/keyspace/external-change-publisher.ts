import { isLive } from '../../domain/entry.js';
import type { Clock } from '../ports/clock.js';
import type { ExternalChange, ExternalChangeListener } from '../ports/external-changes.js';
import type { SwappableStore } from '../stores/swappable-store.js';
import type { ChangeLog } from './change-log.js';
import type { Versions } from './versions.js';

/** How long changes that came too late are gathered before readers are told to load again, in ms. */
const GATHER = 300;
/** How soon it is tried again where no version can be had, in ms. */
const TRY_AGAIN = 500;
/** How many changes are told in one turn of the event loop. */
const AT_ONCE = 500;

/** A keyspace, as far as its feed goes. */
interface Told {
  readonly changes: ChangeLog;
  readonly versions: Versions;
  readonly clock: Clock;
  readonly swappable: SwappableStore;
  readonly closed: boolean;
}

/**
 * Tells the feed what others did to a keyspace's store. What they put has a version of theirs: where later ones are told already, so that the
 * order of versions cannot be kept, readers are told that something is missing. What they removed gets a version here.
 */
export class ExternalChangePublisher implements ExternalChangeListener {
  #waiting: ExternalChange[] = [];
  #lost = false;
  #telling = false;
  /** Looks for what others did until now. */
  poll: () => Promise<void> = async () => undefined;

  constructor(private readonly keyspace: Told) {}

  changed(changes: readonly ExternalChange[]): void {
    const { versions, swappable } = this.keyspace;
    swappable.notifyExternalChanges(changes);
    for (const change of changes) {
      if (change.entry !== undefined) versions.follow(change.entry.version);
      this.#waiting.push(change);
    }
    void this.#tell();
  }

  overflowed(): void {
    this.#lost = true;
    void this.#tell();
  }

  setPoller(look: () => Promise<void>): void {
    this.poll = look;
  }

  async #tell(): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    while (!this.keyspace.closed && (this.#waiting.length > 0 || this.#lost)) {
      try {
        await this.#reserve();
        for (const change of this.#waiting.splice(0, AT_ONCE)) this.#tellOne(change);
        if (this.#waiting.length === 0 && this.#lost) await this.#tellLost();
      } catch {
        await sleep(TRY_AGAIN);
      }
    }
    this.#telling = false;
  }

  async #reserve(): Promise<void> {
    const { versions } = this.keyspace;
    for (let wait = versions.reserve(AT_ONCE); wait !== undefined; wait = versions.reserve(AT_ONCE)) await wait;
  }

  #tellOne({ key, entry, expiredAt }: ExternalChange): void {
    const { changes, versions, clock } = this.keyspace;
    const now = clock.now();
    if (entry === undefined) {
      const event = expiredAt !== undefined && expiredAt <= now ? 'expire' : 'delete';
      const version = versions.next();
      changes.end(changes.begin(version), [{ event, key, version, sizeBytes: 0 }]);
    } else if (isLive(entry, now)) {
      // What has expired already is told when it is swept.
      const { version, value } = entry;
      const told =
        versions.last >= version && changes.insert({ event: 'put', key, version, sizeBytes: value.length, entry });
      if (!told) this.#lost = true;
    }
  }

  async #tellLost(): Promise<void> {
    const { changes, versions } = this.keyspace;
    await sleep(GATHER);
    await this.#reserve();
    this.#lost = false;
    // Who loads again sees these, too.
    this.#waiting = [];
    const version = versions.next();
    changes.endWithGap(changes.begin(version), version);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
