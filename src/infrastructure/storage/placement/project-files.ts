import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../../application/ports/logger.js';
import { diskError } from '../../files/disk-error.js';
import { removeLeftovers, syncFolder } from '../../files/durable-file.js';
import type { Engine, Place } from '../engines/engine.js';

const IS_LATER = /^\.\d+(?!.*\.aside-\d)/;

/** Those files of an engine at a place that exist, a link to nowhere too. */
export async function existingFiles(engine: Engine, place: Place, options: object): Promise<string[]> {
  const found: string[] = [];
  for (const path of await engine.files(place, options)) {
    if (
      await lstat(path).then(
        () => true,
        () => false,
      )
    )
      found.push(path);
  }
  return found;
}

/** What lies in the folder for a later generation of the project than the first, see `dataName`, and was not moved aside. */
export async function laterFiles(folder: string, project: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => name.startsWith(`${project}.`) && IS_LATER.test(name.slice(project.length)))
      .map((name) => join(folder, name));
  } catch (error) {
    throw diskError(error, `cannot look into ${folder}`);
  }
}

/** Renames what lies where a new store shall be: a project never adopts files that it did not make. */
export async function moveAside(paths: readonly string[], folder: string, log: Logger): Promise<void> {
  try {
    for (const path of paths) {
      const aside = `${path}.aside-${Date.now()}`;
      await rename(path, aside);
      log.warn({ path, aside }, 'A file lay where a new project has to be; it was moved aside');
    }
    if (paths.length > 0) await syncFolder(folder);
  } catch (error) {
    throw diskError(error, `cannot move ${paths.join(', ')} aside`);
  }
}

/** Deletes an engine's files at a place, durably. */
export async function removeFiles(engine: Engine, place: Place, options: object): Promise<void> {
  const paths = await engine.files(place, options);
  try {
    for (const path of paths) {
      await rm(path, { recursive: true, force: true });
      await removeLeftovers(path);
    }
    if (paths.length > 0) await syncFolder(place.folder);
  } catch (error) {
    throw diskError(error, `cannot remove ${paths.join(', ')}`);
  }
}
