import { constants } from 'node:os';
import { AppError, DamagedDataError } from '../../domain/errors.js';
import { freeBytes } from './free-space.js';

// The one table from what the system or a file says to what callers hear: `insufficient_storage` if the disk is full,
// else `unavailable`.

/** As node reports it, and as lmdb does. */
const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', constants.errno.ENOSPC, constants.errno.EDQUOT]);

/** What the system says of a file that is missing, or of another kind than it has to be. */
const MISPLACED: ReadonlySet<unknown> = new Set(['ENOENT', 'ELOOP', 'ENOTDIR', 'EISDIR']);

/** What lasts until a person changes something: to wait and try again cannot help. */
const PERMANENT: ReadonlySet<unknown> = new Set(
  'EACCES EPERM EROFS EBUSY EXDEV ELOOP ENOTDIR EISDIR ENAMETOOLONG EINVAL ENOTSUP ENOSYS ENOENT'.split(' '),
);

/** With less free, in bytes, a failed write lacked room: a full disk can show as any I/O error. */
const ALMOST_FULL = 4 * 1024 * 1024;

/** How a project whose data is damaged comes back; the damaged files are put aside. */
const RESTORE = 'restore a snapshot or import a copy with `--mode replace`';
const CURES = 'Restore a snapshot, import a copy with `--mode replace`, put back the files, or run `portkv doctor`';

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

/** A write that was refused for lack of room before anything was changed. */
export class NoRoomError extends AppError {
  constructor(message: string, cause: unknown) {
    super('insufficient_storage', message, { cause });
  }
}

/** Whether the system says that the disk is full. */
export function isFull(error: unknown): boolean {
  return FULL.has((error as { code?: unknown } | undefined)?.code);
}

/**
 * For a failed file operation: `insufficient_storage` if the disk is full or cannot hold the name, else `unavailable`.
 */
export function diskError(error: unknown, what: string): AppError {
  if (error instanceof AppError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (isFull(error)) {
    return new AppError('insufficient_storage', `${what}: no space is left on the disk (${code})`, { cause: error });
  }
  if (code === 'ENAMETOOLONG') {
    const message = `${what}: the file system holds no name that long (${code}); choose a shorter one`;
    return new AppError('insufficient_storage', message, { cause: error });
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
  const cure = isDamage(cause)
    ? `It was not changed. ${CURES}`
    : 'It was not changed: mend the cause, and it is opened again';
  return storeError(`${file} ${why}. ${cure}`, { cause });
}

/** The same for what the file system reports; any other error is a bug and is returned as it is. */
export function toStorageError(file: string, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  if (error.code === 'ENOENT') return unreadableFile(file, 'is missing', error);
  if (error.code === 'ENAMETOOLONG') return diskError(error, file);
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
  const cure = `Nothing was changed. ${isDamage(cause) ? CURES : 'Run `portkv doctor`'}`;
  return storeError(`${file}: ${why}. ${cure}`, { details, cause });
}

/** For a placement: only that file says which files are the project's. */
export function unreadablePlacement(path: string, why: string, cause?: unknown): AppError {
  const what = `${path} cannot be understood (${why}). It says where the project's data is`;
  return new DamagedDataError(`${what}: put back a copy of it, or ${RESTORE}`, { cause });
}

/** For a project of which only a placement could say which of these files are current, and that is missing. */
export function missingPlacement(project: string, found: readonly string[]): AppError {
  const what = `${project}.placement.json, which says where the data of '${project}' is, is missing`;
  return new DamagedDataError(`${what}, and there is ${found.join(', ')}: put it back, or ${RESTORE}`);
}

/** Whether it shows that data is missing or wrong, not that the system or LMDB could not read it this time. */
function isDamage(cause: unknown): boolean {
  if (cause instanceof AppError) return cause instanceof DamagedDataError;
  const code = (cause as { code?: unknown } | undefined)?.code;
  // LMDB's own are negative, those that it passes on from the system are not.
  return typeof code === 'number' ? code < 0 : code === undefined || MISPLACED.has(code);
}

function storeError(message: string, options: { details?: Record<string, unknown>; cause: unknown }): AppError {
  return isDamage(options.cause)
    ? new DamagedDataError(message, options)
    : new AppError('unavailable', message, options);
}
