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

/** A failure that the caller is told about. Any other error is a bug and shown as `internal`. */
export class AppError extends Error {
  override readonly name = 'AppError';
  /** Further members of the answer's `error`, such as `limit_bytes`. Never a secret. */
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.details = options.details;
  }
}
