import { readdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Logger } from '../../../../application/ports/logger.js';
import { foldedId } from '../../../../domain/project.js';
import { syncFolder } from '../../../files/durable-file.js';
import { diskError } from '../../../files/storage-errors.js';
import { SNAPSHOT_FOLDER } from '../../snapshots/snapshot-folder.js';

/** What follows a project's id in the name of its placement and of files of its later generations. */
const AFTER_ID = /^\.(placement\.json$|\d)/;
/** What was put aside, or kept after a repair, is no project's. */
const PUT_ASIDE = /\.(aside|damaged)-\d/;

/**
 * The paths in the data folder that are a project's, or would be if it were created: its placement, files of all
 * generations, snapshots. `first` are the paths of the first generation. Letters match in either case, because some
 * file systems do not tell them apart.
 */
export async function existingData(folder: string, project: string, first: readonly string[]): Promise<string[]> {
  const id = foldedId(project);
  const names = new Set(first.map((path) => basename(path).toLowerCase()));
  const found = (await namesIn(folder)).filter((name) => {
    const folded = name.toLowerCase();
    if (names.has(folded)) return true;
    return folded.startsWith(`${id}.`) && AFTER_ID.test(folded.slice(id.length)) && !PUT_ASIDE.test(folded);
  });
  const snapshots = (await namesIn(join(folder, SNAPSHOT_FOLDER))).filter((name) => name.toLowerCase() === id);
  const withSnapshots: string[] = [];
  for (const name of snapshots) {
    const path = join(SNAPSHOT_FOLDER, name);
    if ((await namesIn(join(folder, path))).length > 0) withSnapshots.push(path);
  }
  return [...found.sort(byPlacement), ...withSnapshots].map((name) => join(folder, name));
}

/** Renames what is in the way of a new store, the placement first; after a crash the rest is still found. */
export async function moveAside(paths: readonly string[], folder: string, log: Logger): Promise<void> {
  try {
    for (const path of paths) {
      const aside = `${path}.aside-${Date.now()}`;
      await rename(path, aside);
      log.warn({ path, aside }, 'Existing data was moved aside for a new project, as requested');
    }
    if (paths.length > 0) await syncFolder(folder);
  } catch (error) {
    throw diskError(error, `cannot move ${paths.join(', ')} aside`);
  }
}

function byPlacement(a: string, b: string): number {
  return Number(b.endsWith('.placement.json')) - Number(a.endsWith('.placement.json')) || (a < b ? -1 : 1);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw diskError(error, `cannot look into ${folder}`);
  }
}
