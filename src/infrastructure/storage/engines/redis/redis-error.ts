import { AppError, CommitRefusedError } from '../../../../domain/errors.js';

/** For a read that failed. */
export function readError(error: unknown, store: string): AppError {
  if (error instanceof AppError) return error;
  return new AppError('unavailable', `${store}: ${(error as Error).message}`, { cause: error });
}

/**
 * For a commit that failed: `insufficient_storage` or `CommitRefusedError` if the server refused it, which it does
 * before a script begins; `unavailable`, whose outcome is unknown, if the connection ended meanwhile.
 */
export function commitError(error: unknown, store: string): AppError {
  if (error instanceof AppError) return error;
  const { name, message } = error as Error;
  const text = `${store}: ${message}`;
  if (name !== 'ReplyError') return new AppError('unavailable', text, { cause: error });
  if (message.startsWith('OOM')) return new AppError('insufficient_storage', text, { cause: error });
  return new CommitRefusedError(text, { cause: error });
}

/** For a store without its mark. */
export function missingStore(store: string): AppError {
  return new CommitRefusedError(
    `Redis has no store ${store}: it was removed, or the server lost its data. Restore a snapshot`,
  );
}
