import type { Range } from '../../../../../application/ports/store.js';
import { boundsOf, compareKeys } from '../../../../../domain/key.js';
import { MAX_KEY_BYTES } from '../../../../../domain/limits.js';
import type { Seek } from './tables.js';

/** What `seek` finds between the bounds of a range, in the direction of the range. */
export function* within<T>(
  range: Omit<Range, 'bytes' | 'limit'>,
  seek: (options: Seek<string>) => Iterable<T>,
  keyOf: (found: T) => string,
): Generator<T> {
  const { low, high } = boundsOf(range);
  const { reverse = false } = range;
  const first = reverse ? high : low;
  for (const found of seek({ start: first === undefined ? undefined : seekable(first), end: undefined, reverse })) {
    const key = keyOf(found);
    const isLow = compareKeys(key, low) < 0;
    const isHigh = high !== undefined && compareKeys(key, high) >= 0;
    if (reverse ? isLow : isHigh) return;
    if (!isLow && !isHigh) yield found;
  }
}

export function keyOfPair({ key }: { readonly key: string }): string {
  return key;
}

/**
 * The part of a bound that lmdb can seek: its buffer for keys is small, and no key is longer. Undefined for the empty
 * bound.
 */
function seekable(bound: string): string | undefined {
  return bound.slice(0, MAX_KEY_BYTES) || undefined;
}
