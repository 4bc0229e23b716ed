import type { StagedStore } from '../../../application/keyspace/keyspaces.js';
import type { SwappableStore } from '../../../application/stores/swappable-store.js';
import { fullDisk } from '../../files/storage-errors.js';
import { MemoryStore } from '../building-blocks/memory-store.js';

const ALL = { limit: Number.POSITIVE_INFINITY };

/** Other content for a store that stays where it is: gathered in memory, and put there by one commit. */
export function inMemoryReplacement(live: SwappableStore, folder: string): StagedStore {
  const store = new MemoryStore();
  return {
    store,
    activate: async () => {
      const put = store.scan(ALL);
      const stay = new Set(put.map(({ key }) => key));
      const remove = (await live.scan(ALL)).flatMap(({ key }) => (stay.has(key) ? [] : [key]));
      await live.commitQuiesced({ put, remove });
    },
    translateError: (error) => fullDisk(error, folder),
    discard: async () => store.close(),
  };
}
