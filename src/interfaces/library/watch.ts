import type { ChangeLog } from '../../application/keyspace/change-log.js';
import type { Change } from '../../domain/change.js';
import { formatVersion } from '../../domain/version.js';

/**
 * A change of an entry. After `resync` the reader must read the store again: it was too slow, or the changes were too
 * many, and some were dropped.
 */
export type StoreChange =
  | { readonly event: Change['event']; readonly key: string; readonly version: string }
  | { readonly event: 'resync' };

/** How many changes are kept for a slow reader. */
const MAX_QUEUED = 10_000;

/**
 * The changes of keys with a prefix from now on, in the order of versions, until the reader stops or the store is
 * closed.
 */
export async function* watch(log: ChangeLog, prefix: string): AsyncGenerator<StoreChange> {
  let queue: StoreChange[] = [];
  let open = true;
  let wake: () => void = () => undefined;
  const resync = () => {
    queue = [{ event: 'resync' }];
    wake();
  };
  const unsubscribe = log.subscribe({
    changed: (changes) => {
      for (const { event, key, version } of changes) {
        if (key.startsWith(prefix)) queue.push({ event, key, version: formatVersion(version) });
      }
      if (queue.length > MAX_QUEUED) resync();
      wake();
    },
    overflowed: resync,
    closed: () => {
      open = false;
      wake();
    },
  });
  try {
    while (open || queue.length > 0) {
      const next = queue.shift();
      if (next !== undefined) yield next;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    unsubscribe();
  }
}
