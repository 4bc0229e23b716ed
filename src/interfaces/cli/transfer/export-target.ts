import { copyFile, lstat, open, readlink, realpath, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AppError } from '../../../domain/errors.js';

/** Where an export is written. */
export interface ExportTarget {
  /** The file that a link leads to, if the name is one. */
  readonly file: string;
  /** The name until the export is complete; undefined for a device or a pipe, which is written as it is. */
  readonly partial: string | undefined;
}

/** Only a regular file is replaced. Rejects with `invalid` if the name, or its `.partial`, is of another kind. */
export async function exportTarget(path: string): Promise<ExportTarget> {
  const file = await targetOf(path);
  const found = await kindOf(file);
  if (found?.isDirectory()) throw new AppError('invalid', `${path} is a folder: name a file`);
  if (found !== undefined && !found.isFile()) return { file, partial: undefined };
  const partial = `${file}.partial`;
  await requireRegular(partial);
  return { file, partial };
}

/** Rejects with `invalid` if the path is there and is not a regular file. */
async function requireRegular(path: string): Promise<void> {
  const found = await kindOf(path);
  if (found === undefined || found.isFile()) return;
  throw new AppError('invalid', `${path} is not a regular file, so it is not replaced: move it away, or name another`);
}

/** Gives a complete file its name. A mount point cannot be replaced: it gets a copy. */
export async function giveName(partial: string, file: string): Promise<void> {
  await requireRegular(file);
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

/** Follows links, also to a file that is missing. */
async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const link = await readlink(path).catch(() => undefined);
    return link === undefined ? path : targetOf(resolve(dirname(path), link));
  }
}

/** Undefined if nothing is there. */
async function kindOf(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
