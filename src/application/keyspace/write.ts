import type { Change } from '../../domain/change.js';
import { type Entry, isLive } from '../../domain/entry.js';
import type { WriteStamp } from '../../domain/operation.js';
import type { Batch } from '../ports/store.js';

/** What a write does, decided from the entries that it read. */
export interface Decision<T> {
  readonly result: T;
  readonly put?: readonly Entry[];
  readonly remove?: readonly string[];
}

/**
 * Decides a write from the entries as clients see them, by position; expired ones are undefined in `current` and
 * present in `stored`. Must be pure, because it runs again if another write came first. If it throws, nothing is
 * changed.
 */
export type Decide<T> = (
  current: readonly (Entry | undefined)[],
  stamp: WriteStamp,
  stored: readonly (Entry | undefined)[],
) => Decision<T>;

/** What was stored under a key of a write. */
export type StoredByKey = (key: string) => Entry | undefined;

export function storedByKey(keys: readonly string[], stored: readonly (Entry | undefined)[]): StoredByKey {
  if (keys.length === 1) return () => stored[0];
  let all: Map<string, Entry | undefined> | undefined;
  return (key) => {
    all ??= new Map(keys.map((name, i) => [name, stored[i]]));
    return all.get(key);
  };
}

/** Every put and removal with its version, in the order of versions. */
export function changesOf(
  { put, remove }: Required<Pick<Batch, 'put' | 'remove'>>,
  stamp: WriteStamp,
  stored: StoredByKey,
  now: number,
): readonly Change[] {
  const changes: Change[] = put.map((entry) => ({
    event: 'put',
    key: entry.key,
    version: entry.version,
    sizeBytes: entry.value.length,
    entry,
  }));
  for (const key of remove) {
    const before = stored(key);
    const event = before !== undefined && !isLive(before, now) ? 'expire' : 'delete';
    changes.push({ event, key, version: stamp.version(), sizeBytes: 0 });
  }
  return changes;
}
