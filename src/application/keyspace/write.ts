import type { Entry } from '../../domain/entry.js';
import type { WriteStamp } from '../../domain/operation.js';

/** What a write decides from the entries it read. */
export interface Decision<T> {
  readonly result: T;
  readonly put?: readonly Entry[];
  readonly remove?: readonly string[];
}

/**
 * Decides a write from the entries as clients see them, by position; expired ones are undefined in `current` and
 * present in `stored`. Must be pure: it runs again if another write came first. An error that it throws ends the write,
 * changing nothing.
 */
export type Decide<T> = (
  current: readonly (Entry | undefined)[],
  stamp: WriteStamp,
  stored: readonly (Entry | undefined)[],
) => Decision<T>;
