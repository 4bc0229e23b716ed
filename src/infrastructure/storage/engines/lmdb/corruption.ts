import { constants } from 'node:os';
import { AppError } from '../../../../domain/errors.js';

/** The error for a file that cannot be used as it is; says what to do, because nothing here repairs or overwrites it. */
export function damage(file: string, cause: unknown): AppError {
  if (cause instanceof AppError && cause.details !== undefined) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  const details = { file };
  if (isFull(cause)) return new AppError('insufficient_storage', `${file}: the disk is full`, { details, cause });
  const cure = 'Nothing was changed. Restore a snapshot into another project, or run `portkv doctor`.';
  return new AppError('unavailable', `${file}: ${why}. ${cure}`, { details, cause });
}

function isFull(cause: unknown): boolean {
  const code = (cause as { code?: unknown } | undefined)?.code;
  return code === 'ENOSPC' || code === constants.errno.ENOSPC;
}
