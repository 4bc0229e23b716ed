import { AppError, CommitRefusedError, CommitTooLargeError } from '../../../../../domain/errors.js';

/** Codes of gRPC that are used here. */
const CODE = { invalid: 3, deadline: 4, denied: 7, exhausted: 8, range: 11, unavailable: 14, unauthenticated: 16 };
/** With any other code the server, or something between, ended a call whose outcome is not known. */
const REFUSALS: ReadonlySet<unknown> = new Set([CODE.invalid, 5, CODE.denied, CODE.exhausted, 9, 12, 16]);

/** What `@grpc/grpc-js` reports. */
interface Reported {
  readonly code?: unknown;
  readonly details?: unknown;
  readonly message?: unknown;
}

function detailsOf(error: unknown): string {
  const { details, message } = error as Reported;
  return String(details ?? message ?? error);
}

/** Whether no member had it, because there was no connection. */
export function neverSent(error: unknown): boolean {
  return (error as Reported).code === CODE.unavailable && detailsOf(error).startsWith('No connection established');
}

/** Whether another member may answer, or the same one later. */
export function mayAnswerLater(error: unknown): boolean {
  const { code } = error as Reported;
  return code === CODE.unavailable || code === CODE.deadline || code === 1 || code === 13;
}

/** Whether the server does not know the token any more that it gave. */
export function isOldToken(error: unknown): boolean {
  const { code } = error as Reported;
  return code === CODE.unauthenticated || (code === CODE.invalid && detailsOf(error).includes('auth store is old'));
}

/** Whether the history at the revision of a read was compacted: to read again helps. */
export function isCompacted(error: unknown): boolean {
  return (error as Reported).code === CODE.range && detailsOf(error).includes('compacted');
}

/** Whether there is no room for what would have been written. */
export function isFull(error: unknown): boolean {
  return detailsOf(error).includes('space exceeded');
}

export function isTooManyOperations(error: unknown): boolean {
  return detailsOf(error).includes('too many operations');
}

export function isTooLarge(error: unknown): boolean {
  return /request is too large|message larger than max/.test(detailsOf(error));
}

/** For a read that failed. */
export function readError(error: unknown, store: string): AppError {
  if (error instanceof AppError) return error;
  const isPermanent = isPasswordWrong(error);
  return new AppError('unavailable', `${store}: ${reasonOf(error)}`, { cause: error, isPermanent });
}

/** For a commit that was not done; undefined if its outcome is not known. */
export function refusalOf(error: unknown, store: string): AppError | undefined {
  if (error instanceof AppError) return new CommitRefusedError(error.message, { cause: error });
  const { code } = error as Reported;
  if (!REFUSALS.has(code) && !neverSent(error)) return undefined;
  const message = `${store}: ${reasonOf(error)}`;
  if (isFull(error)) return new AppError('insufficient_storage', message, { cause: error });
  if (isTooManyOperations(error) || isTooLarge(error)) return new CommitTooLargeError(message, { cause: error });
  return new CommitRefusedError(message, { cause: error });
}

function isPasswordWrong(error: unknown): boolean {
  return /authentication failed|user name is empty|authentication is not enabled/.test(detailsOf(error));
}

function reasonOf(error: unknown): string {
  const details = detailsOf(error);
  if (details.includes('authentication failed')) return 'etcd refuses the user or the password';
  if (details.includes('user name is empty'))
    return 'etcd asks for a user and a password: give them in url_env or url_file';
  if (details.includes('authentication is not enabled'))
    return 'etcd has no users: leave user and password out of the URL';
  if (details.includes('permission denied')) return 'etcd permits its user no access to these keys';
  if (isFull(error)) {
    return 'etcd is full (NOSPACE): compact and defragment it, or raise --quota-backend-bytes, then disarm the alarm';
  }
  if (isTooManyOperations(error)) return 'it takes fewer operations than max_txn_ops says: see --max-txn-ops of etcd';
  if (isTooLarge(error))
    return 'it takes smaller requests than max_request_bytes says: see --max-request-bytes of etcd';
  if (neverSent(error))
    return `no member of etcd can be reached (${/E[A-Z]{4,}/.exec(details)?.[0] ?? 'no connection'})`;
  if ((error as Reported).code === CODE.deadline) return 'etcd did not answer in time';
  return details;
}
