import type { IncomingHttpHeaders } from 'node:http';

/** The header names that may have a key, in the order in which their keys are tried. */
const HEADERS = ['authorization', 'x-api-key', 'api-key'] as const;
/** The most secrets of one request that are tried. */
const MAX_KEYS = 6;
const NO_KEYS: readonly string[] = [];

/**
 * The secrets in `Authorization`, `X-API-Key` and `Api-Key`, each once: all that may be an API key of this server,
 * since proxies and gateways use these headers, too. `rawHeaders` has what Node drops or joins if a header comes twice.
 */
export function apiKeysOf(headers: IncomingHttpHeaders, rawHeaders: readonly string[]): readonly string[] {
  const { authorization, 'x-api-key': named, 'api-key': short } = headers;
  if ((authorization ?? named ?? short) === undefined) return NO_KEYS;
  const all = new Set<string>();
  for (const name of HEADERS) {
    if (headers[name] === undefined) continue;
    for (const value of valuesOf(name, rawHeaders)) {
      for (const secret of name === 'authorization' ? secretsIn(value) : partsOf(value)) all.add(secret);
    }
  }
  return [...all].slice(0, MAX_KEYS);
}

/** Whether a secret looks like a key that this server made, and not like what a proxy asks for. */
export function isGeneratedKey(secret: string): boolean {
  return secret.startsWith('pkv_');
}

/** Whether a header brings a key, as far as one can see: the field `auth` of a form is an ordinary field then. */
export function hasKeyHeader({ authorization, 'x-api-key': named, 'api-key': short }: IncomingHttpHeaders): boolean {
  return named !== undefined || short !== undefined || (authorization !== undefined && /^bearer /i.test(authorization));
}

/**
 * The field `auth` of a form, which is the API key if no header has one. The form is searched, not parsed: a client
 * that sends millions of fields is not authenticated yet.
 */
export function apiKeyInForm(body: Buffer): string | undefined {
  const found = /(?:^|&)(auth=[^&]*)/.exec(body.toString())?.[1];
  return found === undefined ? undefined : (new URLSearchParams(found).get('auth') ?? undefined);
}

/** The token of `Bearer`, or the password of `Basic`; its user name if it has no password. */
function secretsIn(authorization: string): readonly string[] {
  const space = authorization.indexOf(' ');
  const scheme = authorization.slice(0, Math.max(0, space)).toLowerCase();
  const rest = authorization.slice(space + 1).trim();
  if (scheme === 'bearer') return [rest];
  if (scheme !== 'basic') return NO_KEYS;
  const credentials = Buffer.from(rest, 'base64').toString();
  const colon = credentials.indexOf(':');
  const secret = credentials.slice(colon + 1) || credentials.slice(0, Math.max(0, colon));
  return secret === '' ? NO_KEYS : [secret];
}

/** Proxies join a header that comes twice; a key that was set by hand may have a comma itself. */
function partsOf(value: string): readonly string[] {
  const parts = value.includes(',') ? value.split(',').map((part) => part.trim()) : NO_KEYS;
  return [...parts.filter(isGeneratedKey), value];
}

function valuesOf(name: string, rawHeaders: readonly string[]): readonly string[] {
  const values: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const header = rawHeaders[i] as string;
    if (header.length === name.length && header.toLowerCase() === name) values.push(rawHeaders[i + 1] as string);
  }
  return values;
}
