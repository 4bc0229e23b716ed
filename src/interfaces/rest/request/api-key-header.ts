import type { IncomingHttpHeaders } from 'node:http';

/** The API key of a request: `Authorization: Bearer`, else `X-API-Key`, else `Api-Key`. */
export function apiKeyOf(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined && authorization.slice(0, 7).toLowerCase() === 'bearer ') {
    return authorization.slice(7).trim();
  }
  return headers['x-api-key']?.toString() ?? headers['api-key']?.toString();
}

/**
 * The field `auth` of a form, which is the API key if no header has one. The form is searched, not parsed: a client
 * that sends millions of fields is not authenticated yet.
 */
export function apiKeyInForm(body: Buffer): string | undefined {
  const found = /(?:^|&)(auth=[^&]*)/.exec(body.toString())?.[1];
  return found === undefined ? undefined : (new URLSearchParams(found).get('auth') ?? undefined);
}
