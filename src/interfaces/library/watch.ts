import type { ChangeFeed, ChangeListener } from '../../application/keyspace/change-log/change-feed.js';
import type { Change } from '../../domain/change.js';
import { formatVersion } from '../../domain/version.js';
import { requireRange } from '../key-value-store/arguments.js';
import type { StoreChange, WatchOptions } from '../key-value-store/key-value-store.js';
import { refuse } from './stored.js';

/** How many changes are kept for a slow reader. */
const MAX_QUEUED = 10_000;

/** As `KeyValueStore.watch` promises. */
export async function* watch(
  log: ChangeFeed,
  { prefix = '', signal }: WatchOptions,
): AsyncGenerator<StoreChange, void, undefined> {
  requireRange({ prefix }, refuse);
  const queue = new ChangeQueue(prefix);
  const unsubscribe = log.subscribe(queue);
  const stop = () => queue.stop();
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    for (let change = await queue.next(); change !== undefined; change = await queue.next()) yield change;
  } finally {
    signal?.removeEventListener('abort', stop);
    unsubscribe();
  }
}

/** The changes that a reader has not taken yet. */
class ChangeQueue implements ChangeListener {
  #queue: StoreChange[] = [{ event: 'ready' }];
  #open = true;
  #wake: () => void = () => undefined;

  constructor(private readonly prefix: string) {}

  /** Waits for a change; undefined if none follows. */
  async next(): Promise<StoreChange | undefined> {
    while (this.#open && this.#queue.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#queue.shift();
  }

  changed(changes: readonly Change[]): void {
    for (const { event, key, version } of changes) {
      if (key.startsWith(this.prefix)) this.#queue.push({ event, key, version: formatVersion(version) });
    }
    if (this.#queue.length > MAX_QUEUED) this.#queue = [{ event: 'resync' }];
    this.#wake();
  }

  overflowed(): void {
    this.#queue = [{ event: 'resync' }];
    this.#wake();
  }

  closed(): void {
    this.#open = false;
    this.#wake();
  }

  /** Ends at once: changes that are waiting are dropped. */
  stop(): void {
    this.#queue = [];
    this.closed();
  }
}
