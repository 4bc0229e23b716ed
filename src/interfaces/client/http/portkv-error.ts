import type { ErrorCode } from '../../../domain/errors.js';

/** The codes of the server, those that only HTTP has, and that of a response that is not PortKV's. */
export type ClientErrorCode =
  | ErrorCode
  | 'method_not_allowed'
  | 'uri_too_long'
  | 'headers_too_large'
  | 'expectation_failed'
  | 'invalid_response';

/** Whether a request that failed may have changed something: `no` is certain. */
export type Begun = 'no' | 'maybe';

/** A call that failed. `code` is the same as with the library, except for `invalid_response`. */
export class PortkvError extends Error {
  override readonly name = 'PortkvError';
  /** The HTTP status; undefined if there was no response. */
  readonly status: number | undefined;
  /** The other members of the server's error, such as `limit_bytes` or `required_scope`. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Whether a write that was asked for may have happened all the same. */
  readonly begun: Begun;
  /** How long the server asks to wait before another attempt, in ms; undefined if another attempt cannot help. */
  readonly retryAfter: number | undefined;

  constructor(
    readonly code: ClientErrorCode,
    message: string,
    options: Partial<Pick<PortkvError, 'status' | 'details' | 'begun' | 'retryAfter'>> & { cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = options.status;
    this.details = options.details ?? {};
    this.begun = options.begun ?? 'no';
    this.retryAfter = options.retryAfter;
  }
}
