import type { Entry } from '../../domain/entry.js';
import { RedisError } from './redis-error.js';

/** What kind of value Redis takes an entry for. */
export type StoredType = 'string' | 'hash' | 'set';

/** A hash is a JSON object of texts, a set a JSON array of texts: known from other JSON by the content type. */
export const CONTENT_TYPES = {
  hash: 'application/vnd.portkv.hash+json',
  set: 'application/vnd.portkv.set+json',
} as const;

type Typed = Pick<Entry, 'contentType'>;

export function typeOf({ contentType }: Typed): StoredType {
  if (contentType === CONTENT_TYPES.hash) return 'hash';
  return contentType === CONTENT_TYPES.set ? 'set' : 'string';
}

/** The same entry, if it is of that type or missing. Throws `WRONGTYPE` if not. */
export function requireType<T extends Typed>(entry: T | undefined, type: StoredType): T | undefined {
  if (entry === undefined || typeOf(entry) === type) return entry;
  throw new RedisError('Operation against a key holding the wrong kind of value', 'WRONGTYPE');
}
