import { copyFile, open, rename, rm, stat } from 'node:fs/promises';

/** Whether a path names something that is written in place: a device or a pipe. */
export async function isDevice(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

/** Gives a complete file its name. A mount point cannot be replaced: it gets a copy. */
export async function giveName(partial: string, file: string): Promise<void> {
  try {
    await rename(partial, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    await copyFile(partial, file);
    const copy = await open(file, 'r+');
    await copy.sync().finally(() => copy.close());
    await rm(partial);
  }
}
