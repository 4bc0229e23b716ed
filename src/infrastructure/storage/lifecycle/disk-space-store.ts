import type { Store } from '../../../application/ports/store.js';
import { entryBytes } from '../../../domain/entry.js';

/** The store; each commit first asks for the room that its entries take. */
export function whileRoom(store: Store, room: (bytes: number) => Promise<void>): Store {
  return {
    get: (key) => store.get(key),
    getMany: (keys) => store.getMany(keys),
    scan: (range) => store.scan(range),
    expiring: (before, limit) => store.expiring(before, limit),
    size: () => store.size(),
    close: () => store.close(),
    commit: async (batch) => {
      await room((batch.put ?? []).reduce((sum, entry) => sum + entryBytes(entry), 0));
      return store.commit(batch);
    },
  };
}
