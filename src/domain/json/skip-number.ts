import { CHARACTERS } from './characters.js';

const { CAPITAL_E, MINUS, NINE, PLUS, POINT, SMALL_E, ZERO } = CHARACTERS;

/** The position after the JSON number that begins at `from`, or -1. */
export function skipNumber(bytes: Uint8Array, from: number): number {
  let at = bytes[from] === MINUS ? from + 1 : from;
  at = bytes[at] === ZERO ? at + 1 : skipDigits(bytes, at);
  if (at > 0 && bytes[at] === POINT) at = skipDigits(bytes, at + 1);
  if (at < 0) return -1;
  if (bytes[at] === SMALL_E || bytes[at] === CAPITAL_E) {
    at++;
    if (bytes[at] === PLUS || bytes[at] === MINUS) at++;
    at = skipDigits(bytes, at);
  }
  return at;
}

/** The position after one or more digits, or -1. */
function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isDigit(bytes[at])) at++;
  return at === from ? -1 : at;
}

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}
