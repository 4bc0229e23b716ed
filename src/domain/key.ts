import { AppError } from './errors.js';
import { MAX_KEY_BYTES } from './limits.js';

/** Why a string is not a key; undefined if it is one: 1 to 512 bytes of UTF-8, any characters. */
export function keyProblem(key: string): string | undefined {
  if (key.length === 0) return 'a key must not be empty';
  if (key.length * 3 > MAX_KEY_BYTES) {
    const bytes = Buffer.byteLength(key);
    if (bytes > MAX_KEY_BYTES) return `a key has at most ${MAX_KEY_BYTES} bytes of UTF-8, this one has ${bytes}`;
  }
  if (!key.isWellFormed()) return 'a key must be well-formed Unicode (it has a lone surrogate)';
  return undefined;
}

/** Orders keys by their UTF-8 bytes. JavaScript's order differs only between surrogates and U+E000 or above. */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return utf8Rank(x) - utf8Rank(y);
  }
  return a.length - b.length;
}

/** Orders UTF-16 code units as their UTF-8: surrogates, which stand for U+10000 and above, come last. */
function utf8Rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Keys with a prefix, from `start` on and before `end`; no bound need be a key, and each may be longer than any. */
export interface KeyBounds {
  readonly prefix?: string | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
}

/** The same keys by two bounds alone: from `low` on and, if it is given, before `high`. */
export function boundsOf({ prefix = '', start, end }: KeyBounds): { low: string; high: string | undefined } {
  const low = start !== undefined && compareKeys(start, prefix) > 0 ? start : prefix;
  const afterAll = prefix === '' ? undefined : afterPrefix(prefix);
  return {
    low,
    high: end === undefined || (afterAll !== undefined && compareKeys(afterAll, end) < 0) ? afterAll : end,
  };
}

/** Appended to a prefix it gives a bound after every key with that prefix, because no key is longer than 512 bytes. */
const LAST = '\u{10ffff}'.repeat(128);

/** The first bound after a key: what comes from there on comes after the key. */
export function afterKey(key: string): string {
  return `${key}\0`;
}

/** The bounds of what comes after a key, in the direction of a scan. */
export function restAfter(key: string, reverse = false): Pick<KeyBounds, 'start' | 'end'> {
  return reverse ? { end: key } : { start: afterKey(key) };
}

/** The bound after all keys that begin with `prefix`. */
export function afterPrefix(prefix: string): string {
  return prefix + LAST;
}

/** The prefix that `afterPrefix` was called with; undefined for any other bound. */
export function prefixOfBound(after: string): string | undefined {
  return after.endsWith(LAST) ? after.slice(0, -LAST.length) : undefined;
}

/** The error for a key that does not exist, in Simple-PyKV's wording. */
export function keyNotFound(key: string, project: string): AppError {
  return new AppError('not_found', `Key '${key}' not found in project '${project}' store`);
}

/** The keys that a watch covers: those in `keys`; if that is undefined, all with the prefix. */
export interface KeyFilter {
  readonly prefix: string;
  readonly keys: ReadonlySet<string> | undefined;
}

export function passes({ prefix, keys }: KeyFilter, key: string): boolean {
  return keys === undefined ? key.startsWith(prefix) : keys.has(key);
}
