import type { RestError, RestErrorCode } from './http-error.js';

/** The HTTP status and title of every error code. No other place has them. */
export const errorTable: Readonly<Record<RestErrorCode, { readonly status: number; readonly title: string }>> = {
  invalid: { status: 400, title: 'Invalid request' },
  unauthenticated: { status: 401, title: 'Invalid or missing API key' },
  forbidden: { status: 403, title: 'Forbidden' },
  insufficient_scope: { status: 403, title: 'The API key lacks a right' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  timeout: { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'Conflict' },
  precondition_failed: { status: 412, title: 'A condition does not hold' },
  check_failed: { status: 412, title: 'A check does not hold' },
  too_large: { status: 413, title: 'Too large' },
  uri_too_long: { status: 414, title: 'The URL is too long' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  range_not_satisfiable: { status: 416, title: 'The value has no such bytes' },
  expectation_failed: { status: 417, title: 'The expectation cannot be met' },
  unprocessable: { status: 422, title: 'The stored value does not allow it' },
  precondition_required: { status: 428, title: 'A condition is required' },
  rate_limited: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The header is too large' },
  internal: { status: 500, title: 'Internal error' },
  unavailable: { status: 503, title: 'Unavailable' },
  outcome_unknown: { status: 503, title: 'It is not known whether the write happened' },
  insufficient_storage: { status: 507, title: 'Insufficient storage' },
};

/** The HTTP status of an error. */
export function statusOf({ code, status }: RestError): number {
  return status ?? errorTable[code].status;
}

/** The headers that belong to an error. */
export function errorHeaders(error: RestError): Record<string, string> {
  const retry = error.details?.retry_after;
  switch (error.code) {
    case 'unauthenticated':
      return { 'WWW-Authenticate': 'Bearer' };
    case 'method_not_allowed':
      return { Allow: String(error.details?.allow) };
    case 'range_not_satisfiable':
      return { 'Content-Range': `bytes */${error.details?.size_bytes}` };
    case 'conflict':
      return error.details?.location === undefined ? {} : { Location: String(error.details.location) };
    case 'rate_limited':
    case 'unavailable':
    case 'outcome_unknown':
      return error.isPermanent ? {} : { 'Retry-After': String(retry ?? 1) };
    case 'unsupported_media_type':
      return error.details?.accept_patch === undefined ? {} : { 'Accept-Patch': String(error.details.accept_patch) };
    default:
      return {};
  }
}

/** The error in the envelope. */
export function errorEnvelope(error: RestError, system: string): string {
  const status = statusOf(error);
  const member = JSON.stringify({ code: error.code, ...error.details });
  const message = JSON.stringify(error.message);
  return `{"System":${system},"data":null,"error":${member},"message":${message},"status_code":${status}}\n`;
}

/** The error as problem details (RFC 9457). */
export function errorProblem(error: RestError): string {
  const status = statusOf(error);
  const { title } = errorTable[error.code];
  const type = `/docs/errors#${error.code}`;
  return `${JSON.stringify({ type, title, status, detail: error.message, code: error.code, ...error.details })}\n`;
}
