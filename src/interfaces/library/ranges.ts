import type { PagedRange } from '../../application/keyspace/paging.js';
import { afterKey } from '../../domain/key.js';
import { requireRange } from '../key-value-store/arguments.js';
import type { KeysOptions } from '../key-value-store/key-value-store.js';
import { refuse } from './stored.js';

/** The range of the domain that the caller describes. Throws `invalid`. */
export function rangeOf(options: KeysOptions): PagedRange {
  requireRange(options, refuse);
  const { prefix, start, after, end, reverse } = options;
  return { prefix, start: after === undefined ? start : afterKey(after), end, reverse };
}

/** The entries of pages, at most as many as the limit says. */
export async function* upTo<E>(
  limit = Number.POSITIVE_INFINITY,
  pages: AsyncIterable<readonly E[]>,
): AsyncGenerator<E> {
  let left = limit;
  for await (const page of pages) {
    for (const entry of page) {
      if (left-- <= 0) return;
      yield entry;
    }
  }
}
