import { AppError, CommitRefusedError, LimitExceededError, StoreFencedError } from '../../../../domain/errors.js';

/** Two commits met: neither state nor expectation decides which is first, so one of them has to look again. */
const LOST_RACES: ReadonlySet<unknown> = new Set(['40001', '40P01', 'PK001']);
/** No room on the server's disk, in its memory, or within its limits. */
const FULL: ReadonlySet<unknown> = new Set(['53100', '53200', '53400', '54000']);

/** What `pg` says if there was no connection in time. */
const NOT_CONNECTED = /^(timeout exceeded when trying to connect|Connection terminated due to connection timeout)/;

/** What `pg` reports: a code of SQLSTATE from the server, of the system, or none. */
interface Reported {
  readonly code?: unknown;
  readonly severity?: unknown;
  readonly message?: unknown;
}

/** Whether a commit was undone because another one came between: to try again decides. */
export function isLostRace(error: unknown): boolean {
  return LOST_RACES.has((error as Reported | undefined)?.code);
}

/** Whether the server has undone what failed: nothing of it happened. */
export function isUndone(error: unknown): boolean {
  return (error as Reported | undefined)?.severity === 'ERROR';
}

/** For a read that failed. */
export function readError(error: unknown, store: string): AppError {
  if (error instanceof AppError) return error;
  return new AppError('unavailable', `${store}: ${reasonOf(error)}`, { cause: error });
}

/**
 * For a commit that failed: `insufficient_storage` or `CommitRefusedError` if the server undid it or never had it;
 * `unavailable`, whose outcome is unknown, if the connection ended meanwhile.
 */
export function commitError(error: unknown, store: string): AppError {
  if (error instanceof AppError) return error;
  const { code } = error as Reported;
  const message = `${store}: ${reasonOf(error)}`;
  if (code === 'PK003') return new StoreFencedError(store);
  if (code === 'PK002') return exceeded(error as Error);
  if (FULL.has(code)) return new AppError('insufficient_storage', message, { cause: error });
  if (isUndone(error) || neverConnected(error)) return new CommitRefusedError(message, { cause: error });
  return new AppError('unavailable', message, { cause: error });
}

/** From the message of the function, such as `keys 1001`. */
function exceeded({ message }: Error): LimitExceededError {
  const [limit, wouldBe] = message.split(' ');
  return new LimitExceededError(limit === 'keys' ? 'keys' : 'bytes', Number(wouldBe));
}

/** Whether there was no connection on which it could have been sent. */
function neverConnected(error: unknown): boolean {
  const { code, severity, message } = error as Reported;
  if (code === 'ECONNREFUSED' || code === 'ENOENT' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') return true;
  // Class 28 and 57P03 end the attempt to connect: wrong password, still starting, in recovery; 53300: too many.
  if (severity === 'FATAL') return code === '57P03' || code === '53300' || String(code).startsWith('28');
  return typeof message === 'string' && NOT_CONNECTED.test(message);
}

/** Without anything that `pg` may have read from the URL. */
function reasonOf(error: unknown): string {
  const { code, message } = error as Reported;
  if (code === '42P01' || code === '42883') return 'its tables are gone from the server: restore a snapshot';
  if (code === '25006') return 'the server takes no writes now: it is a standby, or read-only';
  const errors = (error as AggregateError).errors as unknown[] | undefined;
  const text = typeof message === 'string' && message !== '' ? message : (errors?.[0] as Reported | undefined)?.message;
  return `${text ?? 'the connection failed'}${typeof code === 'string' ? ` (${code})` : ''}`;
}
