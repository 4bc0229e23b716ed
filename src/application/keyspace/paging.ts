import type { Entry } from '../../domain/entry.js';
import type { Keyspace } from './keyspace.js';

/** What one page holds in memory at most, except for a single larger value. */
export const PAGE = { limit: 200, bytes: 1024 * 1024 };

/** The live entries with a prefix in key order, in pages small enough for memory and the event loop. */
export async function* pages(keyspace: Keyspace, prefix: string, after?: string): AsyncGenerator<readonly Entry[]> {
  let from = after;
  for (;;) {
    const { entries, last } = await keyspace.scan({ prefix, ...PAGE, ...(from === undefined ? {} : { after: from }) });
    if (entries.length > 0) yield entries;
    if (last === undefined) return;
    from = last;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
