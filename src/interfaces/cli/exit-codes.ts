import { AppError, type ErrorCode } from '../../domain/errors.js';
import { UnreachableError } from './connection/unreachable-error.js';

/** The exit codes of all commands, as docs/cli.md lists them. */
export const exitCodes = { failed: 1, usage: 2, inUse: 3, notFound: 4, refused: 5, unreachable: 6 } as const;

/** What each code means, in a few words. */
export const exitMeanings: Readonly<Record<number, string>> = {
  0: 'done',
  [exitCodes.failed]: 'failed',
  [exitCodes.usage]: 'usage',
  [exitCodes.inUse]: 'in use',
  [exitCodes.notFound]: 'not found',
  [exitCodes.refused]: 'refused',
  [exitCodes.unreachable]: 'unreachable',
};

/** What servers call the errors that are not simply a failure. Their codes may be of later versions. */
const CODES: Readonly<Partial<Record<ErrorCode, number>>> = {
  invalid: exitCodes.usage,
  not_found: exitCodes.notFound,
  unauthenticated: exitCodes.refused,
  forbidden: exitCodes.refused,
  insufficient_scope: exitCodes.refused,
  conflict: exitCodes.refused,
  precondition_failed: exitCodes.refused,
  check_failed: exitCodes.refused,
  precondition_required: exitCodes.refused,
  too_large: exitCodes.refused,
  unsupported_media_type: exitCodes.refused,
  unprocessable: exitCodes.refused,
  rate_limited: exitCodes.refused,
  insufficient_storage: exitCodes.refused,
};

/** The exit code for an error; a connection that broke counts also if a command has put it into its own words. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof AppError)) return exitCodes.failed;
  if (isUnreachable(error)) return exitCodes.unreachable;
  // A full disk of this machine; the error of a server, which may mean a limit, has no cause.
  if (error.code === 'insufficient_storage' && error.cause !== undefined) return exitCodes.failed;
  // Only the lock of a data folder names a process.
  if (error.details?.pid !== undefined) return exitCodes.inUse;
  return CODES[error.code] ?? exitCodes.failed;
}

function isUnreachable(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  return error instanceof AppError && error.cause !== undefined && isUnreachable(error.cause);
}
