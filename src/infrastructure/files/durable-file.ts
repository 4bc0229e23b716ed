import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { diskError } from './storage-errors.js';

/** Longest name, in bytes, that a temporary file is named after: with what follows it fits on every file system. */
const MAX_PREFIX_BYTES = 100;

/**
 * Replaces the file at `path` by what `fill` writes: a temporary file in the same folder, fsync, rename, fsync of the
 * folder. After a crash there is the old file or the new one, whole. The file has mode 0600.
 */
export async function replaceFile<T>(path: string, fill: (file: FileHandle) => Promise<T>): Promise<T> {
  const temporary = join(dirname(path), `${temporaryPrefix(path)}${randomBytes(6).toString('hex')}.tmp`);
  const result = await writeNewFile(temporary, fill);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
  return result;
}

/** Makes a file of what `fill` writes; its content is durable. If that fails, there is no file. */
export async function writeNewFile<T>(path: string, fill: (file: FileHandle) => Promise<T>): Promise<T> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  try {
    const file = await open(path, flags, 0o600);
    try {
      const result = await fill(file);
      await file.sync();
      return result;
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** What follows the name of a file in that of its temporary file. */
export const LEFTOVER = /\.[0-9a-f]{12}\.tmp$/;

/** Whether a name is that of a temporary file of the file at `path`. */
export function isLeftoverOf(path: string, name: string): boolean {
  return LEFTOVER.test(name) && name.replace(LEFTOVER, '.') === temporaryPrefix(path);
}

/** Removes what a crash left of replacements of the file at `path`, if its folder exists. Call it while none runs. */
export async function removeLeftovers(path: string): Promise<void> {
  await removeLeftoversOf(dirname(path), [path]);
}

/** The same for several files of a folder. */
async function removeLeftoversOf(folder: string, paths: readonly string[]): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (paths.some((path) => isLeftoverOf(path, name))) await rm(join(folder, name), { force: true });
  }
}

/** What the names of temporary files for a path begin with. They fit where the name of the file itself just fits. */
function temporaryPrefix(path: string): string {
  const name = basename(path);
  if (Buffer.byteLength(name) <= MAX_PREFIX_BYTES) return `${name}.`;
  return `${createHash('sha256').update(name).digest('hex').slice(0, 32)}.`;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
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

/** What the system says if a file system, as some network and shared ones, or Windows cannot sync a folder. */
const CANNOT_SYNC_FOLDERS: ReadonlySet<unknown> = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/**
 * Makes the names in a folder durable: what was created, renamed or removed there. A file system that cannot sync
 * folders keeps names in its own way: then this does nothing.
 */
export async function syncFolder(path: string): Promise<void> {
  await canSyncFolder(path);
}

/** The same; returns whether the file system can. */
export async function canSyncFolder(path: string): Promise<boolean> {
  try {
    // Windows has no O_DIRECTORY.
    const folder = await open(path, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0));
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
    return true;
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall === 'fsync' && CANNOT_SYNC_FOLDERS.has(code)) return false;
    // Windows lets no program sync a folder, and some versions let none open one.
    if (process.platform === 'win32' && (code === 'EPERM' || code === 'EISDIR')) return false;
    throw error;
  }
}
