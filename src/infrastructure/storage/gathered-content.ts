import type { NextStore } from '../../application/ports/keyspaces.js';
import type { ExchangeableStore } from '../../application/stores/exchangeable-store.js';
import { fullDisk } from '../files/full-disk.js';
import { MemoryStore } from './memory/memory-store.js';

const ALL = { limit: Number.POSITIVE_INFINITY };

/** Other content for a store that stays where it is: gathered in memory, and put there by one commit. */
export function gatheredContent(live: ExchangeableStore, folder: string): NextStore {
  const store = new MemoryStore();
  return {
    store,
    takeCharge: async () => {
      const put = store.scan(ALL);
      const stay = new Set(put.map(({ key }) => key));
      const remove = (await live.scan(ALL)).flatMap(({ key }) => (stay.has(key) ? [] : [key]));
      await live.commitWhileStill({ put, remove });
    },
    explained: (error) => fullDisk(error, folder),
    discard: async () => store.close(),
  };
}
