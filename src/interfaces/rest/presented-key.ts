import type { IncomingHttpHeaders } from 'node:http';

/** The API key that a request brings: `Authorization: Bearer`, else `X-API-Key`, else `Api-Key`. */
export function presentedKey(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined && authorization.slice(0, 7).toLowerCase() === 'bearer ') {
    return authorization.slice(7).trim();
  }
  return headers['x-api-key']?.toString() ?? headers['api-key']?.toString();
}
