import { PortkvError } from './portkv-error.js';
import { type ApiResponse, errorOf } from './response.js';

export interface HttpRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
}

export interface Limits {
  /** In ms, for the whole response; for a stream until its headers. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  readonly fetch: typeof globalThis.fetch;
}

/** Failures of a connection that was never made. */
const NEVER_CONNECTED = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
  ...['ConnectionRefused', 'FailedToOpenSocket'],
]);

/** Sends one request once, and returns its response if that is a success; a stream is left to the caller to read. */
export async function exchange(request: HttpRequest, limits: Limits & { stream: true }): Promise<Response>;
export async function exchange(request: HttpRequest, limits: Limits): Promise<ApiResponse>;
export async function exchange(
  request: HttpRequest,
  { timeout, signal, fetch, stream }: Limits & { stream?: true },
): Promise<Response | ApiResponse> {
  const { url, method, headers, body } = request;
  const controller = new AbortController();
  const cancel = () => controller.abort(signal?.reason);
  const timer = timeout > 0 ? setTimeout(() => controller.abort(), timeout) : undefined;
  signal?.addEventListener('abort', cancel, { once: true });
  let streaming = false;
  try {
    const init = { method, headers, redirect: 'manual', signal: controller.signal } as const;
    const response = await fetch(url, body === undefined ? init : { ...init, body: body as string });
    streaming = stream === true && response.ok;
    if (streaming) return response;
    const read = { url, status: response.status, headers: response.headers, body: await bytesOf(response) };
    if (response.ok) return read;
    throw errorOf(read);
  } catch (error) {
    if (error instanceof PortkvError) throw error;
    if (signal?.aborted) throw signal.reason;
    throw failureOf(url, error, controller.signal.aborted ? timeout : undefined);
  } finally {
    clearTimeout(timer);
    if (!streaming) signal?.removeEventListener('abort', cancel);
  }
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw new CutOffError(error);
  }
}

/** The body ended before its end. */
class CutOffError extends Error {
  constructor(override readonly cause: unknown) {
    super();
  }
}

function failureOf(url: string, error: unknown, timeout: number | undefined): PortkvError {
  const more = { begun: 'maybe', retryAfter: 0, cause: error } as const;
  if (timeout !== undefined) return new PortkvError('timeout', `${url} did not respond within ${timeout} ms`, more);
  if (error instanceof CutOffError) {
    const { cause } = error;
    return new PortkvError('unavailable', `The response of ${url} was cut off: ${reasonOf(cause)}`, { ...more, cause });
  }
  const begun = NEVER_CONNECTED.has(codeOf(error)) ? 'no' : 'maybe';
  return new PortkvError('unavailable', `${url} cannot be reached: ${reasonOf(error)}`, { ...more, begun });
}

function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return String(cause?.code ?? code ?? '');
}

/** What runtimes say of it: node puts the reason into the cause, others into the message. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: unknown; cause?: { message?: unknown } };
  return String(cause?.message || codeOf(error) || message);
}
