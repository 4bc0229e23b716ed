import { AppError } from '../../domain/errors.js';
import type { Release } from '../keyed-mutex.js';
import type { Batch, Store } from '../ports/store.js';
import type { SwappableStore } from '../stores/swappable-store.js';

/** The delay before a failed read of what a commit did is repeated, in ms. */
const REREAD_DELAY = 200;
/** How long other writes of its keys wait for that before they are refused, in ms. */
const RESOLVE_TIMEOUT = 3_000;

/** The error for a client whose write may have happened. */
export function outcomeUnknown(cause: unknown): AppError {
  const message = 'It is not known whether the write happened: read again, or repeat it';
  return new AppError('outcome_unknown', message, { cause });
}

/** Commits of which the store could not tell whether they happened. */
export class UnknownOutcomes {
  readonly #store: Store;
  readonly #swappable: SwappableStore;
  /** Keys for which other writes do not wait any longer. */
  readonly #keys = new Set<string>();
  #stopped = false;

  /** `swappable` is the part of the store that recovers after a failure. */
  constructor(store: Store, swappable: SwappableStore) {
    this.#store = store;
    this.#swappable = swappable;
  }

  /** Throws `unavailable` if what an earlier write of one of the keys did is not known. */
  requireNone(keys: readonly string[]): void {
    if (this.#keys.size > 0 && keys.some((key) => this.#keys.has(key))) {
      throw new AppError('unavailable', 'What an earlier write of this key did cannot be read yet: nothing was done');
    }
  }

  /** Whether the commit happened. Calls `release`, after which other writes of its keys begin, when that is known. */
  async resolve(keys: readonly string[], batch: Batch, release: Release): Promise<boolean> {
    const timer = setTimeout(() => {
      for (const key of keys) this.#keys.add(key);
      release();
    }, RESOLVE_TIMEOUT).unref();
    try {
      while (!this.#stopped) {
        try {
          await this.#swappable.whenRecovered();
          return await this.#happened(keys, batch);
        } catch {
          await new Promise((resolve) => setTimeout(resolve, REREAD_DELAY).unref());
        }
      }
      return false;
    } finally {
      clearTimeout(timer);
      for (const key of keys) this.#keys.delete(key);
      release();
    }
  }

  /** Ends what `resolve` waits for. */
  stop(): void {
    this.#stopped = true;
  }

  async #happened(keys: readonly string[], { put = [], remove = [] }: Batch): Promise<boolean> {
    const stored = await this.#store.getMany(keys);
    const version = new Map(stored.map((entry, i) => [keys[i], entry?.version]));
    return (
      put.every((entry) => version.get(entry.key) === entry.version) &&
      remove.every((key) => version.get(key) === undefined)
    );
  }
}
