/** The version after `last` at the time `now` (ms): microseconds since 1970, but always more than `last`. */
export function nextVersion(last: number, now: number): number {
  return Math.max(Math.floor(now * 1000), last + 1);
}

/** A version as clients see it: in base 36. */
export function formatVersion(version: number): string {
  if (version < LOW_DIGITS) return version.toString(36);
  // Integers of 31 bits are converted several times faster than larger ones.
  const high = Math.floor(version / LOW_DIGITS);
  return high.toString(36) + (version - high * LOW_DIGITS).toString(36).padStart(6, '0');
}

/** 36 to the power of 6: the low six digits are converted on their own. */
const LOW_DIGITS = 2_176_782_336;

/** The number of a version that a client sent; undefined if the text cannot be a version. */
export function parseVersion(text: string): number | undefined {
  if (!/^[0-9a-z]{1,11}$/.test(text)) return undefined;
  const version = Number.parseInt(text, 36);
  return Number.isSafeInteger(version) ? version : undefined;
}
