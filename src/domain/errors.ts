/** Every way in which a use case can fail; each transport has a table of what it calls them. */
export type ErrorCode =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'insufficient_scope'
  | 'not_found'
  | 'conflict'
  | 'precondition_failed'
  | 'check_failed'
  | 'too_large'
  | 'unsupported_media_type'
  | 'unprocessable'
  | 'precondition_required'
  | 'timeout'
  | 'rate_limited'
  | 'internal'
  | 'unavailable'
  | 'outcome_unknown'
  | 'insufficient_storage';

/** A failure that is reported to the client. Any other error is a bug and is reported as `internal`. */
export class AppError extends Error {
  override readonly name = 'AppError';
  /** More members for the response's `error`, such as `limit_bytes`. Never a secret. */
  readonly details: Readonly<Record<string, unknown>> | undefined;
  /** True if to try again cannot help, although the code is `unavailable`: an operator has to change something. */
  readonly isPermanent: boolean;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown; isPermanent?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.details = options.details;
    this.isPermanent = options.isPermanent ?? false;
  }
}

/**
 * A commit that the store did not do, or undid: its outcome is known, and the store can be used as before. To try again
 * may help.
 */
export class CommitRefusedError extends AppError {
  constructor(message: string, options: { details?: Record<string, unknown>; cause?: unknown } = {}) {
    super('unavailable', message, options);
  }
}

/** A commit to a store that its project has left, or is about to leave: it can be made where the project is then. */
export class StoreFencedError extends CommitRefusedError {
  constructor(store: string) {
    super(`${store}: its project was moved elsewhere`);
  }
}

/** What is asked for, such as a project, is kept at another server, which alone can serve it. */
export class OtherServerError extends CommitRefusedError {
  constructor(
    what: string,
    /** The id of that server. */
    readonly server: string,
  ) {
    const message = `${what} is kept at server '${server}', which alone serves it: ask that one`;
    super(message, { details: { server } });
  }
}

/** A commit that the store did not do because it has more than the store takes at once: fewer keys may do. */
export class CommitTooLargeError extends AppError {
  constructor(message: string, options: { details?: Record<string, unknown>; cause?: unknown } = {}) {
    super('too_large', message, options);
  }
}

/** A commit that the store did not do because it would hold more than the batch allows. */
export class LimitExceededError extends AppError {
  constructor(
    readonly limit: 'keys' | 'bytes',
    /** How much the store would hold. */
    readonly wouldBe: number,
  ) {
    super('insufficient_storage', `The store would have ${wouldBe} ${limit}`);
  }
}

/**
 * Data that is missing, or is not what was written there: new content may take its place. A key that is missing, a
 * lock, a lack of permission and a disk that fails are other errors: the data may be whole.
 */
export class DamagedDataError extends AppError {
  constructor(message: string, options: { details?: Record<string, unknown>; cause?: unknown } = {}) {
    super('unavailable', message, options);
  }
}

/** The commits after a position in a store's `CommitLog` are not known any more, or never were. */
export class HistoryGoneError extends AppError {
  constructor(position: string) {
    super('unavailable', `The commits after ${position} are not known`);
  }
}
