import { statfs } from 'node:fs/promises';
import { AppError } from '../../domain/errors.js';
import { isFull } from './disk-error.js';

/** With less than this free, in bytes, it was the room that a failed write lacked: a full disk can show as any I/O error. */
const NEXT_TO_NOTHING = 4 * 1024 * 1024;

/** The error as `insufficient_storage` where a write below the folder failed because the disk is full; else as it is. */
export async function fullDisk(error: unknown, folder: string): Promise<unknown> {
  if (!(error instanceof AppError) || error.code !== 'unavailable') return error;
  const full = isFull(error.cause) || (await roomIn(folder)) < NEXT_TO_NOTHING;
  return full
    ? new AppError('insufficient_storage', `No space is left on the disk: ${error.message}`, { cause: error })
    : error;
}

async function roomIn(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
