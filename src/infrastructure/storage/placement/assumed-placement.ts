import { basename } from 'node:path';
import type { Project } from '../../../domain/project.js';
import { localEngineNames } from '../engines/registry.js';
import type { DamagedFiles } from './damaged-files.js';
import type { GenerationStores } from './generation-stores.js';
import { requestedSpec } from './generations.js';
import type { Placement } from './placement.js';

/** How far ahead of the clock a lost placement may have reserved versions, in ms, and some more. */
const RESERVED_AHEAD = 20_000;

/**
 * What a project's placement is taken to say, because it is missing or damaged, so that new content can be stored: all
 * files that may be the project's are of no use, and its versions go on above the clock.
 */
export async function assumedPlacement(
  project: Project,
  stores: GenerationStores,
  damagedFiles: DamagedFiles,
): Promise<Placement> {
  const configured = requestedSpec(project.storage);
  const later = await stores.laterFiles();
  const paths = new Set(later);
  for (const engine of localEngineNames) {
    for (const path of await stores.existingFiles({ engine, options: {}, generation: 1 })) paths.add(path);
  }
  const generations = later.map((path) => Number.parseInt(basename(path).slice(project.id.length + 1), 10));
  return {
    ...configured,
    configured,
    generation: Math.max(1, ...generations),
    version_floor: (Date.now() + RESERVED_AHEAD) * 1000,
    deleted: false,
    damaged: damagedFiles.listOf([...paths]),
  };
}
