import type { IncomingMessage } from 'node:http';

/** How long a client may take and how much of the server all clients may use. Times in ms. */
export interface HttpLimits {
  readonly headersTimeout: number;
  /** For a whole body, unless it arrives fast enough: see `enforceMinimumRate`. */
  readonly bodyTimeout: number;
  readonly keepAliveTimeout: number;
  /** How often node checks its timeouts. */
  readonly checkInterval: number;
  /** Further connections get 503. */
  readonly maxConnections: number;
  /** How many requests may wait for stores at the same time; further ones get 503. */
  readonly maxWaiting: number;
}
export const HttpLimits = Symbol('HttpLimits');

export const httpLimits: HttpLimits = {
  headersTimeout: 10_000,
  bodyTimeout: 30_000,
  keepAliveTimeout: 65_000,
  checkInterval: 1_000,
  maxConnections: 2_000,
  maxWaiting: 1_500,
};

const exempt = new WeakSet<IncomingMessage>();

/** For a request whose body has a time limit of its own: node's limit on whole requests does not count for it. */
export function exemptFromRequestTimeout(request: IncomingMessage): void {
  exempt.add(request);
}

export function isExemptFromRequestTimeout(request: IncomingMessage): boolean {
  return exempt.has(request);
}
