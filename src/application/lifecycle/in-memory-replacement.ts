import type { StagedStore } from '../keyspace/staged-store.js';
import type { ProjectStorage } from '../ports/project-storage.js';
import type { SwappableStore } from '../stores/swappable-store.js';

const ALL = { limit: Number.POSITIVE_INFINITY };

/** New content for a store that stays in its place: collected in memory, then written by one commit. */
export function inMemoryReplacement(swappable: SwappableStore, storage: ProjectStorage): StagedStore {
  const store = storage.temporaryStore();
  return {
    store,
    activate: async () => {
      const put = await store.scan(ALL);
      const kept = new Set(put.map(({ key }) => key));
      const remove = (await swappable.scan(ALL)).flatMap(({ key }) => (kept.has(key) ? [] : [key]));
      await swappable.commitQuiesced({ put, remove });
    },
    translateError: (error) => storage.translateError(error),
    discard: async () => store.close(),
  };
}
