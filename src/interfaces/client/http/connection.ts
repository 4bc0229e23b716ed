import { exchange } from './exchange.js';
import { PortkvError } from './portkv-error.js';
import type { ApiResponse } from './response.js';

/** How the server is reached. */
export interface ConnectionOptions {
  /** With the path that a proxy puts before `/api/v1`, if there is one. */
  readonly url: string | URL;
  /** An API key of the project, or the system key for `admin`. */
  readonly key?: string | undefined;
  /** Time limit of one attempt, in ms; 30,000 if it is not given, none if it is 0. */
  readonly timeout?: number | undefined;
  /** How many further attempts there are; 3 if it is not given. */
  readonly retries?: number | undefined;
  /** Cancels calls, which reject with its reason. What a write did is then unknown. */
  readonly signal?: AbortSignal | undefined;
  /** Sent with every request, for proxies. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** In place of the global one. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

export interface ApiRequest {
  readonly method: string;
  /** With the query, relative to the address of the server. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
  /**
   * `safe` requests are repeated. A `conditional` one takes effect at most once, however often it is sent, because its
   * condition fails afterwards. Any other is repeated only if it was certainly not begun.
   */
  readonly repeat?: 'safe' | 'conditional' | undefined;
}

const DEFAULT_TIMEOUT = 30_000;
const DEFAULT_RETRIES = 3;
/** The first delay without a wish of the server, and the longest that is waited for, in ms. */
const FIRST_DELAY = 100;
const LONGEST_DELAY = 30_000;

/** Sends requests, each with a time limit, and repeats those that failed and may be repeated. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #address: string;

  /** Throws `invalid` for a URL that cannot be the address of a server, and a key or headers that cannot be sent. */
  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#address = addressOf(options.url);
    requireHeaders(options);
  }

  /** The same with other options. */
  with(options: Partial<ConnectionOptions>): Connection {
    return new Connection({ ...this.#options, ...options });
  }

  /** Resolves with a response of PortKV that is a success; rejects with `PortkvError`. */
  async send(request: ApiRequest): Promise<ApiResponse> {
    const { retries = DEFAULT_RETRIES, signal } = this.#options;
    let mayHaveHappened = false;
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted();
      try {
        return await exchange(this.#requestOf(request), this.#limits);
      } catch (error) {
        if (!(error instanceof PortkvError)) throw error;
        const failed: PortkvError = mayHaveHappened && isConditionFailed(error) ? outcomeUnknown(error) : error;
        if (request.repeat === undefined && failed.begun === 'maybe') throw outcomeUnknown(failed);
        const { retryAfter } = failed;
        if (attempt >= retries || retryAfter === undefined || retryAfter > LONGEST_DELAY) {
          throw request.repeat !== 'safe' && (mayHaveHappened || failed.begun === 'maybe')
            ? outcomeUnknown(failed)
            : failed;
        }
        mayHaveHappened ||= request.repeat === 'conditional' && failed.begun === 'maybe';
        await sleep(Math.max(retryAfter, FIRST_DELAY * 2 ** attempt * (0.5 + Math.random())), signal);
      }
    }
  }

  /** A response whose body is read by the caller, for as long as that takes. */
  async open(request: ApiRequest, signal: AbortSignal): Promise<Response> {
    return exchange(this.#requestOf(request), { ...this.#limits, signal, stream: true });
  }

  get #limits() {
    const { timeout = DEFAULT_TIMEOUT, signal, fetch = globalThis.fetch } = this.#options;
    return { timeout, signal, fetch };
  }

  #requestOf({ method, path, headers, body }: ApiRequest) {
    const { key, headers: own } = this.#options;
    const authorization = key === undefined ? {} : { Authorization: `Bearer ${key}` };
    return { url: this.#address + path, method, headers: { ...own, ...authorization, ...headers }, body };
  }
}

function addressOf(url: string | URL): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new PortkvError('invalid', `url: '${url}' is no URL, such as http://127.0.0.1:23849`);
  }
  const { protocol, username, password, search, hash, origin, pathname } = parsed;
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new PortkvError('invalid', `url: '${url}' must begin with http:// or https://`);
  }
  if (username + password + search + hash !== '') {
    throw new PortkvError('invalid', `url: give no user, query or fragment; the key of PortKV goes to 'key'`);
  }
  return origin + pathname.replace(/\/+$/, '');
}

/** The message does not show the key. */
function requireHeaders({ key, headers }: ConnectionOptions): void {
  for (const [name, fields] of [
    ['key', { Authorization: `Bearer ${key}` }],
    ['headers', headers],
  ] as const) {
    try {
      new Headers(fields);
    } catch {
      throw new PortkvError('invalid', `${name}: has a character that a header of HTTP cannot carry`);
    }
  }
}

/** After an attempt whose outcome is unknown, a condition may fail because that attempt took effect. */
function isConditionFailed({ code }: PortkvError): boolean {
  return code === 'precondition_failed' || code === 'check_failed' || code === 'not_found';
}

function outcomeUnknown(error: PortkvError): PortkvError {
  if (error.code === 'outcome_unknown') return error;
  const { status, details } = error;
  const message = `It is not known whether the write happened: ${error.message}`;
  return new PortkvError('outcome_unknown', message, { status, details, begun: 'maybe', cause: error });
}

/** Rejects with the reason of the signal. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
