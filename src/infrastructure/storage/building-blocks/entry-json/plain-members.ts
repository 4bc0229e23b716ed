import { CHARACTERS } from '../../../../domain/json/characters.js';

// Members as PortKV writes them, read byte by byte: a million entries are read at a start, and a string for each member
// takes most of that time. Whatever is written in another way is for the caller to read.

const { NINE, POINT, QUOTE, SMALL_A, ZERO } = CHARACTERS;
/** Digits before the point of a time in seconds: its milliseconds are exact. */
const SECONDS_DIGITS = 12;
/** Digits of a version that is a safe integer whatever they are. */
const VERSION_DIGITS = 10;

/** The ms of a time in seconds with at most three decimals; undefined if it is written in another way. */
export function plainTime(bytes: Uint8Array, from: number, end: number): number | undefined {
  let at = from;
  let time = 0;
  for (; at < end && isDigit(bytes[at] as number); at++) time = time * 10 + (bytes[at] as number) - ZERO;
  if (at === from || at > from + SECONDS_DIGITS) return undefined;
  const hasPoint = bytes[at] === POINT && at < end;
  const decimalsAt = hasPoint ? at + 1 : at;
  if (hasPoint) at++;
  for (; at < end && isDigit(bytes[at] as number); at++) time = time * 10 + (bytes[at] as number) - ZERO;
  if (at !== end || at > decimalsAt + 3 || (hasPoint && at === decimalsAt)) return undefined;
  for (let decimals = at - decimalsAt; decimals < 3; decimals++) time *= 10;
  return time;
}

/** The version in a JSON string; undefined if it is written in another way. */
export function plainVersion(bytes: Uint8Array, from: number, end: number): number | undefined {
  if (bytes[from] !== QUOTE || end - from > VERSION_DIGITS + 2 || end - from < 3) return undefined;
  let version = 0;
  for (let at = from + 1; at < end - 1; at++) {
    const byte = bytes[at] as number;
    if (isDigit(byte)) version = version * 36 + byte - ZERO;
    else if (byte >= SMALL_A && byte < SMALL_A + 26) version = version * 36 + byte - SMALL_A + 10;
    else return undefined;
  }
  return version;
}

/** Whether the bytes at this place are the text in Latin-1. */
export function isTextAt(text: string, bytes: Uint8Array, from: number, end: number): boolean {
  if (text.length !== end - from) return false;
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text.charCodeAt(i)) return false;
  return true;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
