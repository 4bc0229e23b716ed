import type { Entry } from '../../../domain/entry.js';
import { AppError } from '../../../domain/errors.js';
import { afterDiscard } from '../../keyspace/replace-content.js';
import type { StagedStore } from '../../keyspace/staged-store.js';
import type { ProjectStorage } from '../../ports/project-storage.js';
import { ReservingStore } from '../../stores/reserving-store.js';
import type { SwappableStore } from '../../stores/swappable-store.js';

const ALL = { limit: Number.POSITIVE_INFINITY };

/**
 * New content for a store that stays in its place: collected in memory, then written by one commit. If entries that
 * cannot be read are in the way, it is written to the store that `stageBeside` stages, and that is activated instead;
 * without `stageBeside` the activation rejects with `unavailable`.
 */
export function inMemoryReplacement(
  swappable: SwappableStore,
  storage: ProjectStorage,
  stageBeside?: () => Promise<StagedStore>,
): StagedStore {
  const store = new ReservingStore(storage.temporaryStore());
  return {
    store,
    activate: async (_, isDamaged = false) => {
      const put = await store.scan(ALL);
      if (isDamaged && stageBeside !== undefined && (await isBlocked(swappable, put))) {
        return activateBeside(await stageBeside(), put);
      }
      const kept = new Set(put.map(({ key }) => key));
      const remove = (await swappable.scan(ALL)).flatMap(({ key }) => (kept.has(key) ? [] : [key]));
      await swappable.commitQuiesced({ put, remove });
      return [];
    },
    translateError: (error) => storage.translateError(error),
    discard: async () => {
      await store.close();
      return 'removed';
    },
  };
}

/** Whether one of the entries has the place of one that cannot be read. */
async function isBlocked(swappable: SwappableStore, put: readonly Entry[]): Promise<boolean> {
  try {
    for (const { key } of put) await swappable.get(key);
    return false;
  } catch (error) {
    if (error instanceof AppError) return true;
    throw error;
  }
}

async function activateBeside(beside: StagedStore, put: readonly Entry[]): Promise<readonly string[]> {
  try {
    await beside.store.commit({ put });
    return await beside.activate(undefined, true);
  } catch (error) {
    const translated = await beside.translateError(error);
    throw await afterDiscard(beside, translated);
  }
}
