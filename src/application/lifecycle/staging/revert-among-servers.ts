import { AppError } from '../../../domain/errors.js';
import { ChangedElsewhere } from '../../migrations/changed-elsewhere.js';
import type { ProjectStorage, StorageSpec } from '../../ports/project-storage.js';
import type { Projects } from '../../ports/registry/projects.js';
import type { Store } from '../../ports/store.js';
import { storageSettings } from '../../projects/storage-settings.js';
import type { SwappableStore } from '../../stores/swappable-store.js';

/**
 * Goes back to the store before the last migration, `previous`, which was opened, with the settings `spec`. Other
 * servers may have written since, and may until the fence: what both stores have is compared. Rejects with `conflict`,
 * and closes the previous one, if they differ. The settings come first, as in a migration: if this server ends, another
 * one takes them back.
 */
export async function revertAmongServers(
  storage: ProjectStorage,
  swappable: SwappableStore,
  projects: Pick<Projects, 'update'>,
  spec: StorageSpec,
  previous: Store,
  makeCurrent: () => Promise<void>,
): Promise<void> {
  const { project } = storage;
  const before = storage.record.configured;
  const written = new ChangedElsewhere(swappable, previous);
  let [isAccepted, isCurrent] = [false, false];
  try {
    await requireNone(written);
    isAccepted = true;
    await projects.update(project, storageSettings(spec));
    await swappable.quiesce(async () => {
      await storage.place.fence();
      await requireNone(written);
      await makeCurrent();
      isCurrent = true;
      await storage.place.settle();
    });
  } catch (error) {
    if (!isCurrent) {
      await Promise.allSettled([previous.close(), storage.discardStaged()]);
      if (isAccepted) await Promise.allSettled([projects.update(project, storageSettings(before))]);
    }
    throw error;
  }
}

async function requireNone(written: ChangedElsewhere): Promise<void> {
  for await (const _ of written.keys()) {
    throw new AppError('conflict', 'There are newer writes: move back the ordinary way');
  }
}
