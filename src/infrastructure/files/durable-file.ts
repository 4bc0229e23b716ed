import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { diskError } from './storage-errors.js';

/**
 * Replaces the file at `path` by what `fill` writes: a temporary file in the same folder, fsync, rename, fsync of the
 * folder. After a crash there is the old file or the new one, whole. The file has mode 0600.
 */
export async function replaceFile<T>(path: string, fill: (file: FileHandle) => Promise<T>): Promise<T> {
  const result = await replaceFrom(`${path}.${randomBytes(6).toString('hex')}.tmp`, path, fill);
  await syncFolder(dirname(path));
  return result;
}

/** The same with a temporary file anywhere on the same disk; durable once the folder of `path` is synced. */
export async function replaceFrom<T>(
  temporary: string,
  path: string,
  fill: (file: FileHandle) => Promise<T>,
): Promise<T> {
  try {
    const file = await open(
      temporary,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o600,
    );
    let result: T;
    try {
      result = await fill(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    return result;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** What follows the name of a file in that of its temporary file. */
export const LEFTOVER = /\.[0-9a-f]{12}\.tmp$/;

/** Whether a name is that of a temporary file of the file `base`. */
export function isLeftoverOf(base: string, name: string): boolean {
  return LEFTOVER.test(name) && name.replace(LEFTOVER, '') === base;
}

/** Removes what a crash left of replacements of the file at `path`. Call it only while none runs. */
export async function removeLeftovers(path: string): Promise<void> {
  await removeLeftoversOf(dirname(path), [path]);
}

/** The same for several files of a folder. */
async function removeLeftoversOf(folder: string, paths: readonly string[]): Promise<void> {
  const bases = paths.map((path) => basename(path));
  for (const name of await readdir(folder)) {
    if (bases.some((base) => isLeftoverOf(base, name))) await rm(join(folder, name), { force: true });
  }
}

/** Removes files, and folders with everything in them, from a folder, durably. Rejects with `unavailable`. */
export async function removeFiles(folder: string, paths: readonly string[]): Promise<void> {
  try {
    for (const path of paths) await rm(path, { recursive: true, force: true });
    if (paths.length === 0) return;
    await removeLeftoversOf(folder, paths);
    await syncFolder(folder);
  } catch (error) {
    throw diskError(error, `cannot remove ${paths.join(', ')}`);
  }
}

/** Makes the names in a folder durable: what was created, renamed or removed there. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
