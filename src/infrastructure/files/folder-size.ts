import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

/** The bytes of all files under a folder. What is missing, or removed meanwhile, counts 0; links are not followed. */
export async function folderSize(path: string): Promise<number> {
  let bytes = 0;
  try {
    for await (const entry of await opendir(path)) {
      const inside = join(path, entry.name);
      if (entry.isDirectory()) bytes += await folderSize(inside);
      else bytes += await lstat(inside).then(({ size }) => size, zeroIfMissing);
    }
  } catch (error) {
    zeroIfMissing(error);
  }
  return bytes;
}

function zeroIfMissing(error: unknown): 0 {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
  throw error;
}
