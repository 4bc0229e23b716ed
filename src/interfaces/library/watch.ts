import type { ChangeLog } from '../../application/keyspace/change-log.js';
import type { Change } from '../../domain/change.js';
import { formatVersion } from '../../domain/version.js';

/** What happened to an entry; `resync`: more happened than was kept for this reader, who has to read again. */
export type StoreChange =
  | { readonly event: Change['event']; readonly key: string; readonly version: string }
  | { readonly event: 'resync' };

/** How many changes wait for a reader that is slow. */
const MOST_WAITING = 10_000;

/** The changes of keys with a prefix from now on, in the order of versions, until the reader leaves or the store is closed. */
export async function* watch(changes: ChangeLog, prefix: string): AsyncGenerator<StoreChange> {
  let waiting: StoreChange[] = [];
  let open = true;
  let wake: () => void = () => undefined;
  const resync = () => {
    waiting = [{ event: 'resync' }];
    wake();
  };
  const stop = changes.subscribe({
    changed: (all) => {
      for (const { event, key, version } of all) {
        if (key.startsWith(prefix)) waiting.push({ event, key, version: formatVersion(version) });
      }
      if (waiting.length > MOST_WAITING) resync();
      wake();
    },
    overflowed: resync,
    closed: () => {
      open = false;
      wake();
    },
  });
  try {
    while (open || waiting.length > 0) {
      const next = waiting.shift();
      if (next !== undefined) yield next;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    stop();
  }
}
