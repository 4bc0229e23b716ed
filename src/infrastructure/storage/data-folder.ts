import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../domain/errors.js';
import { syncFolder } from '../files/durable-file.js';
import { tryFileLock } from '../files/file-lock.js';
import { diskError } from '../files/storage-errors.js';

const LOCK_FILE = 'portkv.lock';

/** A data folder that is this process's own until it is released or the process ends, in whatever way. */
export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  release(): Promise<void>;
}

/**
 * Makes the folder if it is missing (mode 0700) and takes its lock, which the kernel keeps. Rejects with `unavailable`;
 * if another process holds the folder, the message and `details` say which (`pid`) and since when (`started`).
 */
export async function lockDataFolder(path: string): Promise<DataFolder> {
  const lockPath = join(path, LOCK_FILE);
  let file: FileHandle | undefined;
  try {
    const made = await mkdir(path, { recursive: true, mode: 0o700 });
    if (made !== undefined) await syncFolder(dirname(made));
    file = await open(lockPath, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    if (!tryFileLock(file.fd, lockPath)) throw await heldBy(file, path);
    await file.truncate(0);
    await file.write(`${JSON.stringify({ pid: process.pid, started: new Date().toISOString() })}\n`, 0);
  } catch (error) {
    await file?.close();
    throw diskError(error, `cannot lock the data folder ${path} by ${lockPath}`);
  }
  const held = file;
  return { path, release: () => held.close() };
}

/**
 * The folder for one of several processes that read it while none writes: not a byte is written. Rejects with
 * `unavailable` if another process holds the folder. Without a lock file the folder is a copy: in the original that
 * file always stays.
 */
export async function shareDataFolder(path: string): Promise<DataFolder> {
  const lockPath = join(path, LOCK_FILE);
  let file: FileHandle | undefined;
  try {
    file = await open(lockPath, constants.O_RDONLY | constants.O_NOFOLLOW);
    if (!tryFileLock(file.fd, lockPath, { shared: true })) throw await heldBy(file, path);
  } catch (error) {
    await file?.close();
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw diskError(error, `cannot share the data folder ${path} by ${lockPath}`);
    }
    return { path, release: async () => undefined };
  }
  const held = file;
  return { path, release: () => held.close() };
}

async function heldBy(file: FileHandle, path: string): Promise<AppError> {
  if (tryFileLock(file.fd, path, { shared: true })) {
    return new AppError(
      'unavailable',
      `The data folder ${path} is being read by another process; wait until it has ended`,
    );
  }
  const { pid, started } = ownerFrom(await file.readFile('utf8'));
  const who = pid === undefined ? 'another process' : `process ${pid}, started at ${started}`;
  const message = `The data folder ${path} is in use by ${who}; stop it or choose another data folder`;
  return new AppError('unavailable', message, { details: { pid, started } });
}

/** The owner may be just about to write its name. */
function ownerFrom(text: string): { pid?: number; started?: string } {
  try {
    const { pid, started } = JSON.parse(text);
    return { pid, started };
  } catch {
    return {};
  }
}
