import type { Entry } from '../../domain/entry.js';
import type { Keyspace } from './keyspace.js';

/** About how many bytes of keys and values one page may hold in memory. */
const PAGE_BYTES = 1024 * 1024;
const MOST_ENTRIES = 500;

/** The live entries with a prefix in key order, in pages small enough that neither memory nor the event loop notices. */
export async function* pages(keyspace: Keyspace, prefix: string, after?: string): AsyncGenerator<readonly Entry[]> {
  const limit = await pageLength(keyspace);
  let from = after;
  for (;;) {
    const { entries, last } = await keyspace.scan({ prefix, limit, ...(from === undefined ? {} : { after: from }) });
    if (entries.length > 0) yield entries;
    if (last === undefined) return;
    from = last;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** How many entries may be read at once, by what an entry has on average. */
export async function pageLength({ store }: Keyspace): Promise<number> {
  const { keys, bytes } = await store.size();
  const average = Math.max(1, bytes / Math.max(1, keys));
  return Math.max(1, Math.min(MOST_ENTRIES, Math.floor(PAGE_BYTES / average)));
}
