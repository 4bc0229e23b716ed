import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../../domain/errors.js';
import { MAX_EXPIRES_AT } from '../../../domain/limits.js';
import type { Expiry } from '../../../domain/operation.js';
import { decimalOf, flag, seconds } from '../routing/query-parameters.js';

const TTL_HEADER = 'X-TTL';

/** The query parameters for the expiry of a value. */
export const expiryParameters = {
  ttl: seconds('Seconds from now until the entry expires; fractions are allowed.', 3600),
  expires_at: seconds('When the entry expires, in seconds since 1970; fractions are allowed.', 4102444800),
  keep_ttl: flag('Keeps the expiry that the entry has.'),
};

/**
 * The expiry that they ask for, or the header `X-TTL`, which unstorage and others send with seconds; never if none is
 * given. Throws `invalid`.
 */
export function expiryOf(
  { ttl, expires_at, keep_ttl }: { ttl?: number; expires_at?: number; keep_ttl?: boolean },
  { 'x-ttl': header }: IncomingHttpHeaders,
): Expiry {
  if ([ttl, expires_at, keep_ttl || undefined, header].filter((given) => given !== undefined).length > 1) {
    throw new AppError('invalid', `give only one of ttl, expires_at, keep_ttl and the header ${TTL_HEADER}`);
  }
  if (ttl !== undefined) return ttlOf(ttl, 'ttl', 'parameter');
  if (header !== undefined) return ttlOf(secondsOf(String(header)), TTL_HEADER, 'header');
  if (expires_at !== undefined) return instantOf(expires_at, 'expires_at', 'parameter');
  return keep_ttl ? 'keep' : 'never';
}

/** The expiry that the members of a body ask for, never if none is given; `at` is the path of the object. */
export function expiryOfMembers({ ttl, expires_at }: { ttl?: number; expires_at?: number }, at?: string): Expiry {
  if (ttl !== undefined && expires_at !== undefined) {
    const path = at ?? 'body';
    throw new AppError('invalid', `${path}: give only one of ttl and expires_at`, { details: { path } });
  }
  const pathOf = (name: string) => (at === undefined ? name : `${at}.${name}`);
  if (ttl !== undefined) return ttlOf(ttl, pathOf('ttl'));
  return expires_at === undefined ? 'never' : instantOf(expires_at, pathOf('expires_at'));
}

function secondsOf(text: string): number {
  const number = decimalOf(text);
  if (number > 0) return number;
  throw new AppError('invalid', `${TTL_HEADER} must be a number of seconds above 0, not "${text.slice(0, 100)}"`, {
    details: { header: TTL_HEADER },
  });
}

/** The place of a mistake in the details of an error: a query parameter, a header, or the path of a member. */
type Place = 'parameter' | 'header' | 'path';

/** A time to live in seconds, from the member or parameter `name`. */
export function ttlOf(ttl: number, name: string, place: Place = 'path'): Expiry {
  if (ttl * 1000 > MAX_EXPIRES_AT) throw tooLate(name, ttl, place);
  return { ttl: Math.max(1, Math.round(ttl * 1000)) };
}

/** A time in seconds since 1970, from the member or parameter `name`. */
export function instantOf(at: number, name: string, place: Place = 'path'): Expiry {
  if (at * 1000 > MAX_EXPIRES_AT) throw tooLate(name, at, place);
  return { at: Math.round(at * 1000) };
}

function tooLate(name: string, sent: number, place: Place): AppError {
  const message = `${name} is in seconds and must end by the year 9999, ${sent} does not; did you send milliseconds?`;
  return new AppError('invalid', message, { details: { [place]: name } });
}
