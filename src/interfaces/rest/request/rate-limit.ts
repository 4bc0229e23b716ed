import type { ServerResponse } from 'node:http';
import type { RateStatus } from '../../../application/inbound/call.js';

/** Sets the headers of a request rate; of two rates the one with fewer requests remaining. */
export function setRateHeaders(response: ServerResponse, { limit, remaining, reset }: RateStatus): void {
  if (Number(response.getHeader('RateLimit-Remaining') ?? Infinity) < remaining) return;
  response.setHeader('RateLimit-Limit', limit);
  response.setHeader('RateLimit-Remaining', remaining);
  response.setHeader('RateLimit-Reset', reset);
}
