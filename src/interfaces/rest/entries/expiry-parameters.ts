import { AppError } from '../../../domain/errors.js';
import { MAX_EXPIRES_AT } from '../../../domain/limits.js';
import type { Expiry } from '../../../domain/operation.js';
import { flag, seconds } from '../routing/query-parameters.js';

/** The query parameters that say when a value shall expire. */
export const expiryParameters = {
  ttl: seconds('Seconds from now until the entry expires; fractions are allowed.', 3600),
  expires_at: seconds('When the entry expires, in seconds since 1970; fractions are allowed.', 4102444800),
  keep_ttl: flag('Keeps the expiry that the entry has.'),
};

/** The expiry they ask for; none of them: never. */
export function expiryOf(query: { ttl?: number; expires_at?: number; keep_ttl?: boolean }): Expiry {
  const { ttl, expires_at, keep_ttl } = query;
  if (Number(ttl !== undefined) + Number(expires_at !== undefined) + Number(keep_ttl === true) > 1) {
    throw new AppError('invalid', 'give only one of ttl, expires_at and keep_ttl');
  }
  if (ttl !== undefined) return ttlOf(ttl, 'ttl', 'parameter');
  if (expires_at !== undefined) return instantOf(expires_at, 'expires_at', 'parameter');
  return keep_ttl ? 'keep' : 'never';
}

/** What an error calls the place of a mistake: that of a query parameter, or the path of a member. */
type Place = 'parameter' | 'path';

/** A time to live in seconds, as the member or parameter `name` gives it. */
export function ttlOf(ttl: number, name: string, place: Place = 'path'): Expiry {
  if (ttl * 1000 > MAX_EXPIRES_AT) throw tooLate(name, ttl, place);
  return { ttl: Math.max(1, Math.round(ttl * 1000)) };
}

/** An instant in seconds since 1970, as the member or parameter `name` gives it. */
export function instantOf(at: number, name: string, place: Place = 'path'): Expiry {
  if (at * 1000 > MAX_EXPIRES_AT) throw tooLate(name, at, place);
  return { at: Math.round(at * 1000) };
}

function tooLate(name: string, sent: number, place: Place): AppError {
  const message = `${name} is in seconds and must end by the year 9999, ${sent} does not; did you send milliseconds?`;
  return new AppError('invalid', message, { details: { [place]: name } });
}
