import { lstat } from 'node:fs/promises';
import { DamagedDataError } from '../../domain/errors.js';

/** Rejects with `unavailable` if a path is a link: writes there would go elsewhere. A missing path is accepted. */
export async function refuseLink(path: string): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found?.isSymbolicLink()) {
    throw new DamagedDataError(`${path} is a link; put what it leads to in its place, or take it away`);
  }
}
