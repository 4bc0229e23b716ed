import type { Entry } from '../../domain/entry.js';
import type { WriteStamp } from '../../domain/operation.js';

/** What a write makes of the entries it read. */
export interface Decision<T> {
  readonly result: T;
  readonly put?: readonly Entry[];
  readonly remove?: readonly string[];
}

/**
 * Decides a write from the entries as clients see them, by position; expired ones are undefined there and only in `stored`.
 * Pure, for it runs again when another write came first. What it throws ends the write with nothing changed.
 */
export type Decide<T> = (
  current: readonly (Entry | undefined)[],
  stamp: WriteStamp,
  stored: readonly (Entry | undefined)[],
) => Decision<T>;
