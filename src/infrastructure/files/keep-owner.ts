import type { FileHandle } from 'node:fs/promises';
import { lstat } from 'node:fs/promises';

/** Gives a file that root writes, to replace the one at `path`, the owner and the group of that. */
export async function keepOwner(file: FileHandle, path: string): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = await lstat(path);
  if (uid !== 0 || gid !== 0) await file.chown(uid, gid);
}
