import { contentBytes, type Entry } from '../../domain/entry.js';
import { afterKey } from '../../domain/key.js';
import type { Range, Store } from '../ports/store.js';

/** Whether a page that was scanned with these limits reaches the end. */
export function isLast(page: readonly Entry[], { limit, bytes }: Pick<Range, 'limit' | 'bytes'>): boolean {
  if (page.length >= limit) return false;
  return bytes === undefined || page.reduce((sum, entry) => sum + contentBytes(entry), 0) < bytes;
}

/** All entries of a range in key order, expired ones too, in pages of its limits; other work runs in between. */
export async function* pagesOf(
  store: Pick<Store, 'scan'>,
  limits: Omit<Range, 'reverse'>,
): AsyncGenerator<readonly Entry[]> {
  let after: string | undefined;
  for (;;) {
    const page = await store.scan(after === undefined ? limits : { ...limits, start: afterKey(after) });
    yield page;
    if (isLast(page, limits)) return;
    after = page[page.length - 1]?.key;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
