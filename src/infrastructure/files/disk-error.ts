import { AppError } from '../../domain/errors.js';

const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** Whether the system says that the disk is full. */
export function isFull(error: unknown): boolean {
  return FULL.has((error as NodeJS.ErrnoException | undefined)?.code ?? '');
}

/** The error of a failed file operation as callers may see it: `insufficient_storage` where the disk is full, else `unavailable`. */
export function diskError(error: unknown, what: string): AppError {
  if (error instanceof AppError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (isFull(error)) {
    return new AppError('insufficient_storage', `${what}: no space is left on the disk (${code})`, { cause: error });
  }
  const reason = code ?? (error instanceof Error ? error.message : String(error));
  return new AppError('unavailable', `${what}: ${reason}`, { cause: error });
}
