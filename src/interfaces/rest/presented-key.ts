import type { IncomingHttpHeaders } from 'node:http';

/** The API key that a request brings: `Authorization: Bearer`, else `X-API-Key`, else `Api-Key`. */
export function presentedKey(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined && authorization.slice(0, 7).toLowerCase() === 'bearer ') {
    return authorization.slice(7).trim();
  }
  return headers['x-api-key']?.toString() ?? headers['api-key']?.toString();
}

/** The field `auth` of a form, which stands for a key where no header brings one. */
export function keyInForm(body: Buffer): string | undefined {
  return new URLSearchParams(body.toString()).get('auth') ?? undefined;
}
