import { AppError } from '../../../domain/errors.js';

/** What is wrong with bytes that should be a store, and at which of them, counted from where reading began. */
export class MalformedDataError extends Error {
  constructor(
    readonly why: string,
    readonly at: number,
  ) {
    super(why);
  }
}

/** The error for a file that cannot be read: names it, the place in it and the cure. The file is never touched. */
export function unreadable(file: string, why: string, cause?: unknown): AppError {
  const cure = 'It was not changed: repair it or put back a copy, then open the project again';
  return new AppError('unavailable', `${file} ${why}. ${cure}`, { cause });
}

/** The same for what the file system answers; any other error is a bug and comes back as it is. */
export function toStorageError(file: string, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  if (error.code === 'ENOENT') return unreadable(file, 'is missing', error);
  if (error.code === 'ELOOP') return unreadable(file, 'is a symbolic link, which is not followed', error);
  return unreadable(file, `cannot be opened (${error.message})`, error);
}
