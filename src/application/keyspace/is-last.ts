import type { Entry } from '../../domain/entry.js';
import type { Range } from '../ports/store.js';

/** Whether a page that was scanned with these limits is the last one. */
export function isLast(page: readonly Entry[], { limit, bytes }: Pick<Range, 'limit' | 'bytes'>): boolean {
  if (page.length >= limit) return false;
  return bytes === undefined || page.reduce((sum, { value }) => sum + value.length, 0) < bytes;
}
