import type { Logger } from '../../application/ports/logger.js';
import type { Store } from '../../application/ports/store.js';
import type { Project } from '../../domain/project.js';
import type { GenerationStores } from './generation-stores.js';
import { wishOf } from './generations.js';
import type { PlacementRecord } from './placement-record.js';

/** Makes an empty store for a project that has no placement yet. */
export async function placeAnew(project: Project, stores: GenerationStores, record: PlacementRecord): Promise<void> {
  const wish = wishOf(project.storage);
  const first = { ...wish, ...(await stores.newKeys(wish)), generation: 1 };
  await stores.clear(first);
  await stores.create(first);
  await record.write({ ...first, configured: wish, version_floor: Date.now() * 1000, deleted: false });
}

/** Takes over files that lie where its store has to be; makes it where there are none. */
export async function placeFound(
  project: Project,
  stores: GenerationStores,
  record: PlacementRecord,
  log: Logger,
): Promise<void> {
  const { encryption: _, ...wish } = wishOf(project.storage);
  const first = { ...wish, generation: 1 };
  const files = await stores.found(first);
  if (files.length === 0) return placeAnew(project, stores, record);
  log.info({ project: project.id, files }, 'Files found in the data folder are taken over');
  const store = await stores.open(first, undefined);
  const version = await highestVersion(store);
  await store.close();
  const version_floor = Math.max(version, Date.now() * 1000);
  await record.write({ ...first, configured: wish, version_floor, deleted: false });
}

async function highestVersion(store: Store): Promise<number> {
  let highest = 0;
  let after: string | undefined;
  const limit = 500;
  for (;;) {
    const page = await store.scan({ limit, ...(after === undefined ? {} : { after }) });
    for (const { version } of page) highest = Math.max(highest, version);
    if (page.length < limit) return highest;
    after = page[page.length - 1]?.key;
  }
}
