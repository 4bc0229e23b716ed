import { AppError } from '../../domain/errors.js';

const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** The error of a failed file operation as callers may see it: `insufficient_storage` where the disk is full, else `unavailable`. */
export function diskError(error: unknown, what: string): AppError {
  if (error instanceof AppError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code !== undefined && FULL.has(code)) {
    return new AppError('insufficient_storage', `${what}: no space is left on the disk (${code})`, { cause: error });
  }
  const reason = code ?? (error instanceof Error ? error.message : String(error));
  return new AppError('unavailable', `${what}: ${reason}`, { cause: error });
}
