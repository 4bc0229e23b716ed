import { statfs } from 'node:fs/promises';
import { constants } from 'node:os';
import { AppError } from '../../domain/errors.js';

// The one table from what the system or a file says to what callers hear: `insufficient_storage` if the disk is full,
// else `unavailable`.

/** As node reports it, and as lmdb does. */
const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', constants.errno.ENOSPC, constants.errno.EDQUOT]);

/** What lasts until a person changes something: to wait and try again cannot help. */
const PERMANENT: ReadonlySet<unknown> = new Set(
  'EACCES EPERM EROFS EBUSY EXDEV ELOOP ENOTDIR EISDIR ENAMETOOLONG EINVAL ENOTSUP ENOSYS ENOENT'.split(' '),
);

/** With less free, in bytes, a failed write lacked room: a full disk can show as any I/O error. */
const ALMOST_FULL = 4 * 1024 * 1024;

/** Bytes that are not what a file should hold. `why` follows the name of the file in a sentence. */
export class MalformedDataError extends Error {
  constructor(
    readonly why: string,
    /** The position of the first wrong byte, counted from where reading began. */
    readonly at: number,
  ) {
    super(why);
  }
}

/** Whether the system says that the disk is full. */
export function isFull(error: unknown): boolean {
  return FULL.has((error as { code?: unknown } | undefined)?.code);
}

/** For a failed file operation: `insufficient_storage` if the disk is full, else `unavailable`. */
export function diskError(error: unknown, what: string): AppError {
  if (error instanceof AppError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (isFull(error)) {
    return new AppError('insufficient_storage', `${what}: no space is left on the disk (${code})`, { cause: error });
  }
  const reason = code ?? (error instanceof Error ? error.message : String(error));
  return new AppError('unavailable', `${what}: ${reason}`, { cause: error, isPermanent: PERMANENT.has(code) });
}

/**
 * For a store whose write below the folder failed: `insufficient_storage` if the disk is full, else the error itself.
 */
export async function fullDisk(error: unknown, folder: string): Promise<unknown> {
  if (!(error instanceof AppError) || error.code !== 'unavailable') return error;
  const full = isFull(error.cause) || (await freeBytes(folder)) < ALMOST_FULL;
  return full
    ? new AppError('insufficient_storage', `No space is left on the disk: ${error.message}`, { cause: error })
    : error;
}

/** For a file of a store that cannot be read: names it, the place in it and the cure. The file is never changed. */
export function unreadableFile(file: string, why: string, cause?: unknown): AppError {
  const cure = 'It was not changed: repair it or put back a copy, then open the project again';
  return new AppError('unavailable', `${file} ${why}. ${cure}`, { cause });
}

/** The same for what the file system reports; any other error is a bug and is returned as it is. */
export function toStorageError(file: string, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  if (error.code === 'ENOENT') return unreadableFile(file, 'is missing', error);
  if (error.code === 'ELOOP') return unreadableFile(file, 'is a symbolic link, which is not followed', error);
  return unreadableFile(file, `cannot be opened (${error.message})`, error);
}

/**
 * For a file of LMDB that cannot be used as it is. Nothing here repairs or overwrites it: the message says what to do.
 */
export function corruptFile(file: string, cause: unknown): AppError {
  if (cause instanceof AppError && cause.details !== undefined) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  const details = { file };
  if (isFull(cause)) return new AppError('insufficient_storage', `${file}: the disk is full`, { details, cause });
  const cure = 'Nothing was changed. Restore a snapshot into another project, or run `portkv doctor`.';
  return new AppError('unavailable', `${file}: ${why}. ${cure}`, { details, cause });
}

/** For a placement: only that file says which files are the project's. */
export function unreadablePlacement(path: string, why: string, cause?: unknown): AppError {
  const message = `${path} cannot be understood (${why}). It says where the project's data is: restore it from a copy.`;
  return new AppError('unavailable', message, { cause });
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
