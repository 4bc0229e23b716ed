import type { components } from '#openapi';

type Details = components['schemas']['ErrorDetails'];

/** The server did not answer. The other codes are those of the API. */
export const UNREACHABLE = 'unreachable';

/** What went wrong with a request, in the words of the server. */
export class ApiError extends Error {
  override name = 'ApiError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId: string | undefined = undefined,
    readonly details: Partial<Details> = {},
    /** Seconds after which the request may be repeated. */
    readonly retryAfter: number | undefined = undefined,
  ) {
    super(message);
  }
}

/** The error of a response. `body` is what was read of it. */
export function errorOf(response: Response, body: unknown): ApiError {
  const { error, message } = (typeof body === 'object' && body !== null ? body : {}) as {
    readonly error?: Details;
    readonly message?: string;
  };
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ApiError(
    response.status,
    error?.code ?? 'internal',
    message ?? (response.statusText || `The server answered with status ${response.status}`),
    response.headers.get('x-request-id') ?? undefined,
    error ?? {},
    Number.isFinite(retryAfter) ? retryAfter : undefined,
  );
}

export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof TypeError) {
    return new ApiError(0, UNREACHABLE, 'The server does not answer. Nothing was lost here; try again.');
  }
  return new ApiError(0, 'console', error instanceof Error ? error.message : String(error));
}
