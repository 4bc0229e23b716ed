import { lstat } from 'node:fs/promises';
import { AppError } from '../../domain/errors.js';

/** Rejects with `unavailable` where a link lies at a path: what is written there would go elsewhere. Nothing there is fine. */
export async function refuseLink(path: string): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found?.isSymbolicLink()) {
    throw new AppError('unavailable', `${path} is a link; put what it leads to in its place, or take it away`);
  }
}
