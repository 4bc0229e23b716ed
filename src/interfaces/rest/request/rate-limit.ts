import type { ServerResponse } from 'node:http';
import type { RateStatus } from '../../../application/inbound/call.js';

/** Shows what is left of a request rate; of two rates the one that is nearer to its end. */
export function setRateHeaders(response: ServerResponse, { limit, remaining, reset }: RateStatus): void {
  if (Number(response.getHeader('RateLimit-Remaining') ?? Infinity) < remaining) return;
  response.setHeader('RateLimit-Limit', limit);
  response.setHeader('RateLimit-Remaining', remaining);
  response.setHeader('RateLimit-Reset', reset);
}
