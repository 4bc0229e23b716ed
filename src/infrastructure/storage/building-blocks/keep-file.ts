import { constants } from 'node:fs';
import { copyFile, link, open } from 'node:fs/promises';

/** Gives a file a second name, durable once that name's folder is synced; a copy if the disk knows no such names. */
export async function keepFile(path: string, other: string): Promise<void> {
  try {
    await link(path, other);
  } catch (error) {
    if (['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copyFile(path, other, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await using copy = await open(other, 'r+');
    await copy.sync();
  }
}
