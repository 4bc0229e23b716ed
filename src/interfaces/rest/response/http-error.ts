import { AppError, type ErrorCode } from '../../../domain/errors.js';

/** The error codes that only HTTP has. */
export type HttpErrorCode =
  | 'method_not_allowed'
  | 'uri_too_long'
  | 'range_not_satisfiable'
  | 'headers_too_large'
  | 'expectation_failed';

/** Every error code of a response. */
export type RestErrorCode = ErrorCode | HttpErrorCode;

/** An error as responses show it. */
export interface RestError {
  readonly code: RestErrorCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  /** If it is not the one of the code. */
  readonly status?: number;
  /** True if to try again cannot help. */
  readonly isPermanent?: boolean;
}

/** A request that fails for what it is in HTTP. */
export class HttpError extends Error implements RestError {
  constructor(
    readonly code: HttpErrorCode,
    message: string,
    readonly details: Readonly<Record<string, unknown>> | undefined = undefined,
  ) {
    super(message);
  }
}

/** Whether an error is meant for clients. */
export function isForClients(error: unknown): error is AppError | HttpError {
  return error instanceof AppError || error instanceof HttpError;
}
