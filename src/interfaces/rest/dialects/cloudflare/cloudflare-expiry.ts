import { AppError } from '../../../../domain/errors.js';
import type { Expiry } from '../../../../domain/operation.js';
import { instantOf, ttlOf } from '../../entries/expiry-parameters.js';

/** The least time to live that Cloudflare takes, in seconds. */
const LEAST = 60;

export interface CloudflareExpiry {
  readonly expiration?: number | undefined;
  readonly expiration_ttl?: number | undefined;
}

/**
 * The expiry that a client asks for, by Cloudflare's rules and in its words: of both, `expiration_ttl` counts. `now` is
 * in ms, `at` the path of the object in a body, with a dot. Throws `invalid`.
 */
export function expiryOf({ expiration, expiration_ttl: ttl }: CloudflareExpiry, now: number, at = ''): Expiry {
  if (ttl !== undefined) {
    requireInteger(ttl, `${at}expiration_ttl`);
    if (ttl >= LEAST) return ttlOf(ttl, `${at}expiration_ttl`);
    throw invalid(`${at}expiration_ttl`, ttl, `Expiration TTL must be at least ${LEAST}.`);
  }
  if (expiration === undefined) return 'never';
  requireInteger(expiration, `${at}expiration`);
  if (expiration * 1000 >= now + LEAST * 1000) return instantOf(expiration, `${at}expiration`);
  throw invalid(`${at}expiration`, expiration, `Expiration times must be at least ${LEAST} seconds in the future.`);
}

/** The seconds of a query parameter. Throws `invalid`. */
export function secondsOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^[0-9]{1,15}$/.test(text)) return Number(text);
  throw invalid(name, text.slice(0, 100), 'Please specify integer greater than 0.');
}

function requireInteger(seconds: number, name: string): void {
  if (!Number.isInteger(seconds) || seconds <= 0)
    throw invalid(name, seconds, 'Please specify integer greater than 0.');
}

function invalid(name: string, sent: unknown, why: string): AppError {
  return new AppError('invalid', `Invalid ${name} of ${sent}. ${why}`, { details: { parameter: name } });
}
