import { PortkvError } from './portkv-error.js';

/** A successful response of PortKV, with its whole body. */
export interface ApiResponse {
  /** The address of the request. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

const decoder = new TextDecoder();
/** How much of a foreign response a message shows. */
const SHOWN = 80;

/** What a server says of a member or parameter that it does not know: on entries, all of them are the client's own. */
const UNKNOWN = /unknown (query parameter|member)/;
const ENTRIES = /\/(transactions|store|values|changes)\b/;

/** The `data` of a response in the envelope. */
export function dataOf(response: ApiResponse): unknown {
  const envelope = parse(response.body);
  if (isEnvelope(envelope)) return envelope.data;
  throw invalidResponse(response);
}

/** The version in the header of a response. */
export function versionOf(response: ApiResponse): string {
  const [, version] = /^"([0-9a-z]+)"$/.exec(response.headers.get('etag') ?? '') ?? [];
  if (version === undefined) throw invalidResponse(response);
  return version;
}

/** The error of a response that is no success. */
export function errorOf(response: ApiResponse): PortkvError {
  const { status, headers, body } = response;
  const envelope = parse(body);
  const wait = Number(headers.get('retry-after') ?? Number.NaN) * 1000;
  if (!isEnvelope(envelope) || envelope.error === undefined) return foreignError(response, wait);
  const { code, ...details } = envelope.error;
  const message = String(envelope.message);
  if (code === 'invalid' && UNKNOWN.test(message) && ENTRIES.test(response.url)) {
    return new PortkvError('invalid_response', `The server is older than this client: ${message}`, { status, details });
  }
  const options = { status, details, retryAfter: retryAfterOf(code, wait) };
  const begun = code === 'outcome_unknown' ? 'maybe' : 'no';
  return new PortkvError(code as PortkvError['code'], message, { ...options, begun });
}

/** Names a response that PortKV did not make, or that is cut off. */
export function invalidResponse({ url, status, body }: ApiResponse): PortkvError {
  const text = decoder
    .decode(body.subarray(0, 4 * SHOWN))
    .replaceAll(/\s+/g, ' ')
    .trim();
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  const what = text.startsWith('{"System"')
    ? 'a response that is cut off'
    : /^<(!doctype|html)/i.test(text)
      ? 'a page of HTML, perhaps of a proxy'
      : 'no response of PortKV';
  const seen = body.length === 0 ? 'an empty body' : `${what}: ${shown}`;
  const message = `${url} returned status ${status} with ${seen}`;
  return new PortkvError('invalid_response', message, { status, begun: 'maybe' });
}

/** Statuses of a proxy that reached no server, or is busy itself, can be gone when the request is repeated. */
function foreignError(response: ApiResponse, wait: number): PortkvError {
  const { url, status, headers } = response;
  if (status >= 300 && status < 400) {
    const to = headers.get('location');
    const message = `${url} redirects${to === null ? '' : ` to ${to}`}: use the address of PortKV itself`;
    return new PortkvError('invalid_response', message, { status });
  }
  const { message } = invalidResponse(response);
  if (status === 429) return new PortkvError('rate_limited', message, { status, retryAfter: wait || 1000 });
  if (status === 502 || status === 503 || status === 504) {
    return new PortkvError('unavailable', message, { status, begun: 'maybe', retryAfter: wait || 0 });
  }
  return new PortkvError('invalid_response', message, { status, begun: status >= 500 ? 'maybe' : 'no' });
}

/** Undefined if to repeat the request cannot help: a server that needs its operator asks for no delay. */
function retryAfterOf(code: string, wait: number): number | undefined {
  if (!Number.isNaN(wait)) return wait;
  return code === 'timeout' || code === 'rate_limited' || code === 'outcome_unknown' ? 0 : undefined;
}

interface Envelope {
  readonly data?: unknown;
  readonly message?: unknown;
  readonly error?: Readonly<Record<string, unknown>> & { readonly code: string };
}

function isEnvelope(value: unknown): value is Envelope {
  return typeof value === 'object' && value !== null && 'status_code' in value && 'System' in value;
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(body));
  } catch {
    return undefined;
  }
}
