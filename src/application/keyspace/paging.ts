import type { Entry, EntryHead } from '../../domain/entry.js';
import { restAfter } from '../../domain/key.js';
import type { Range } from '../ports/store.js';
import type { Keyspace, ScannedPage } from './keyspace.js';

/** What one page holds in memory at most, except for a single larger value. */
export const PAGE = { limit: 200, bytes: 1024 * 1024 };
const HEADS = { limit: 1000 };

/** Which live entries, and in which order. */
export type PagedRange = Omit<Range, 'limit' | 'bytes'>;

/** The live entries of a range, in pages small enough for memory and the event loop. */
export function pages(keyspace: Keyspace, range: PagedRange): AsyncGenerator<readonly Entry[]> {
  return allPages(range, (rest) => keyspace.scan({ ...rest, ...PAGE }));
}

/** The same without values. */
export function headPages(keyspace: Keyspace, range: PagedRange): AsyncGenerator<readonly EntryHead[]> {
  return allPages(range, (rest) => keyspace.scanHeads({ ...rest, ...HEADS }));
}

async function* allPages<T>(
  range: PagedRange,
  scan: (range: PagedRange) => Promise<ScannedPage<T>>,
): AsyncGenerator<readonly T[]> {
  let rest = range;
  for (;;) {
    const { entries, last } = await scan(rest);
    if (entries.length > 0) yield entries;
    if (last === undefined) return;
    rest = { ...rest, ...restAfter(last, range.reverse) };
    await new Promise((resolve) => setImmediate(resolve));
  }
}
