import { basename } from 'node:path';
import type { Logger } from '../../../application/ports/logger.js';
import type { Store } from '../../../application/ports/store.js';
import { pagesOf } from '../../../application/stores/store-pages.js';
import { AppError } from '../../../domain/errors.js';
import type { Project } from '../../../domain/project.js';
import { missingPlacement } from '../../files/storage-errors.js';
import { localEngineNames } from '../engines/registry.js';
import type { DamagedFiles } from './damaged-files.js';
import type { SharedPlacements } from './data-folder-context.js';
import type { GenerationStores } from './generation-stores.js';
import { requestedSpec } from './generations.js';
import type { GenerationSpec, Placement } from './placement.js';
import type { PlacementFile } from './placement-file.js';
import { ownerOf } from './staging.js';

/** How far ahead of the clock a lost placement may have reserved versions, in ms, and some more. */
const RESERVED_AHEAD = 20_000;

/** Makes an empty store for a project that has no placement yet. */
export async function createFresh(
  project: Project,
  stores: GenerationStores,
  record: PlacementFile,
  shared?: SharedPlacements,
): Promise<void> {
  const wish = requestedSpec(project.storage);
  const place = { ...(await ownerOf(wish, stores, shared)), generation: shared?.newGeneration() ?? 1 };
  const first = { ...wish, ...(await stores.newKeys(wish)), ...place };
  await stores.create(first);
  await record.write({ ...first, configured: wish, version_floor: Date.now() * 1000, deleted: false });
}

/**
 * Takes over files that lie where its store has to be, or where that of another engine would; makes a store if there
 * are none. Rejects with `unavailable` if only a placement could say which files are current.
 */
export async function adoptExisting(
  project: Project,
  stores: GenerationStores,
  record: PlacementFile,
  log: Logger,
): Promise<void> {
  const { first, files } = await foundFor(project, stores);
  if (files.length === 0) return createFresh(project, stores, record);
  log.info({ project: project.id, files }, 'Files found in the data folder are taken over');
  const store = await stores.open(first);
  try {
    const version_floor = Math.max(await highestVersion(store), Date.now() * 1000);
    const taken = await withKeys(project, first, store, stores);
    const { keys: _, generation: __, ...configured } = taken;
    await record.write({ ...taken, configured, version_floor, deleted: false });
  } finally {
    await store.close();
  }
}

/** The same with its keys if the files are encrypted with those of the project. */
async function withKeys(
  { storage }: Project,
  first: GenerationSpec,
  store: Store,
  stores: GenerationStores,
): Promise<GenerationSpec> {
  const { encryption } = storage;
  const [entry] = await store.scan({ limit: 1 });
  if (encryption === undefined || entry === undefined) return first;
  const sealed = { ...first, encryption: { ...encryption }, ...(await stores.newKeys(requestedSpec(storage))) };
  const cipher = await stores.cipherOf(sealed);
  try {
    cipher?.decrypt(entry);
    return sealed;
  } catch {
    return first;
  }
}

interface Found {
  readonly first: GenerationSpec;
  readonly files: readonly string[];
}

/** The files of the engine that is asked for or, if that one keeps files but has none, of another one. */
async function foundFor(project: Project, stores: GenerationStores): Promise<Found> {
  const { encryption: _, ...wish } = requestedSpec(project.storage);
  const asked = { ...wish, generation: 1 };
  const later = await stores.laterFiles();
  if (later.length > 0) throw missingPlacement(project.id, later);
  const mayHaveFiles = await stores.mayHaveFiles();
  if (mayHaveFiles) {
    const otherCase = (await stores.existingData(asked)).filter((path) => !basename(path).startsWith(project.id));
    if (otherCase.length > 0) throw inOtherCase(project.id, otherCase);
  }
  const files = await stores.existingFiles(asked);
  if (files.length > 0 || !mayHaveFiles || !(await stores.hasFiles(asked))) return { first: asked, files };
  const others: Found[] = [];
  for (const engine of localEngineNames) {
    const first = { engine, options: {}, generation: 1 };
    others.push({ first, files: await stores.existingFiles(first) });
  }
  const found = others.filter((other) => other.files.length > 0);
  const all = found.flatMap((other) => other.files);
  if (found.length > 1) throw missingPlacement(project.id, all);
  return found[0] ?? { first: asked, files };
}

function inOtherCase(project: string, files: readonly string[]): AppError {
  const message =
    `There is ${files.join(', ')}, whose project differs from '${project}' only in case, and such ids are one id: ` +
    'write it as it is there, or move these away';
  return new AppError('unavailable', message);
}

async function highestVersion(store: Store): Promise<number> {
  let highest = 0;
  for await (const page of pagesOf(store, { limit: 500 })) {
    for (const { version } of page) highest = Math.max(highest, version);
  }
  return highest;
}

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
