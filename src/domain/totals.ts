import { LimitExceededError } from './errors.js';

/** How much a store holds. */
export interface Totals {
  readonly keys: number;
  /** The sum of `entryBytes`. */
  readonly bytes: number;
}

/** The most that a store may hold; infinity if there is no limit. */
export interface TotalsLimit extends Totals {
  /** How many bytes of each entry do not count. */
  readonly uncounted?: number;
}

/** The bytes that count towards the limit. */
export function countedBytes({ uncounted = 0 }: TotalsLimit, { keys, bytes }: Totals): number {
  return bytes - keys * uncounted;
}

/** Throws `LimitExceededError` if the growth does not fit. What adds nothing fits, however much there is. */
export function requireWithin(limit: TotalsLimit, before: Totals, growth: Totals): void {
  const keys = before.keys + growth.keys;
  if (growth.keys > 0 && keys > limit.keys) throw new LimitExceededError('keys', keys);
  const added = countedBytes(limit, growth);
  const bytes = countedBytes(limit, before) + added;
  if (added > 0 && bytes > limit.bytes) throw new LimitExceededError('bytes', bytes);
}
