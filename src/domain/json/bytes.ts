import { MAX_JSON_DEPTH } from '../limits.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const COMMA = 0x2c;
const COLON = 0x3a;
/** By byte, whether it may follow a backslash; `u` is more than a byte. */
const ESCAPED = Uint8Array.from({ length: 256 }, (_, byte) =>
  '"\\\\/bfnrt'.includes(String.fromCharCode(byte)) ? 1 : 0,
);
/** Bytes of a string that are looked at one by one; from then on it is worth it to look at four at once. */
const SHORT = 64;

/**
 * Whether the bytes are one JSON text (RFC 8259), nested at most `maxDepth` deep. Works on the bytes and builds nothing,
 * so that asking costs no memory and no exception. Does not check that strings are valid UTF-8.
 */
export function isJson(bytes: Uint8Array, maxDepth = MAX_JSON_DEPTH): boolean {
  const end = skipJson(bytes, skipSpace(bytes, 0), maxDepth);
  return end >= 0 && skipSpace(bytes, end) === bytes.length;
}

/**
 * The position behind the JSON value that begins at `from`, or -1 where none does or it is cut off. With `python` also
 * behind NaN, Infinity and -Infinity, which Python's json module writes.
 */
export function skipJson(bytes: Uint8Array, from: number, maxDepth: number, python = false): number {
  const closers: number[] = [];
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (closers.length === maxDepth) return -1;
      const closer = byte + 2;
      at = skipSpace(bytes, at + 1);
      if (bytes[at] !== closer) {
        closers.push(closer);
        if (closer === CLOSE_BRACE) at = skipName(bytes, at);
        if (at < 0) return -1;
        continue;
      }
      at++;
    } else {
      at = python && isPythonWord(byte, bytes[at + 1]) ? skipPythonWord(bytes, at) : skipScalar(bytes, at);
      if (at < 0) return -1;
    }
    // A value has ended: close what closes here, then go on behind a comma.
    for (;;) {
      if (closers.length === 0) return at;
      at = skipSpace(bytes, at);
      if (bytes[at] !== closers[closers.length - 1]) break;
      closers.pop();
      at++;
    }
    if (bytes[at] !== COMMA) return -1;
    at = skipSpace(bytes, at + 1);
    if (closers[closers.length - 1] === CLOSE_BRACE) at = skipName(bytes, at);
    if (at < 0) return -1;
  }
}

/** The position of the first byte from `from` on that is no JSON white space. */
export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at++;
  }
}

/** Behind `"name" :` and the space that follows, or -1. */
function skipName(bytes: Uint8Array, from: number): number {
  let at = skipString(bytes, from);
  if (at < 0) return -1;
  at = skipSpace(bytes, at);
  return bytes[at] === COLON ? skipSpace(bytes, at + 1) : -1;
}

function skipScalar(bytes: Uint8Array, from: number): number {
  switch (bytes[from]) {
    case QUOTE:
      return skipString(bytes, from);
    case 0x74:
      return skipWord(bytes, from, 'true');
    case 0x66:
      return skipWord(bytes, from, 'false');
    case 0x6e:
      return skipWord(bytes, from, 'null');
    default:
      return skipNumber(bytes, from);
  }
}

function skipWord(bytes: Uint8Array, from: number, word: string): number {
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word.charCodeAt(i)) return -1;
  return from + word.length;
}

function isPythonWord(byte: number | undefined, next: number | undefined): boolean {
  return byte === 0x4e || byte === 0x49 || (byte === 0x2d && next === 0x49);
}

function skipPythonWord(bytes: Uint8Array, from: number): number {
  if (bytes[from] === 0x4e) return skipWord(bytes, from, 'NaN');
  return bytes[from] === 0x49 ? skipWord(bytes, from, 'Infinity') : skipWord(bytes, from, '-Infinity');
}

/** The position behind the JSON string that begins at `from` with its quote, or -1 where none does or it is cut off. */
export function skipString(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== QUOTE) return -1;
  let at = from + 1;
  let look = at + SHORT;
  for (;;) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === undefined || byte < 0x20) return -1;
    if (byte === BACKSLASH) {
      at = skipEscape(bytes, at);
      if (at < 0) return -1;
    } else if (at >= look) {
      at = skipPlain(bytes, at);
      look = at + SHORT;
    } else at++;
  }
}

/** Behind the escape that begins at `from` with its backslash, or -1. */
function skipEscape(bytes: Uint8Array, from: number): number {
  const escaped = bytes[from + 1];
  if (escaped !== 0x75) return escaped !== undefined && ESCAPED[escaped] === 1 ? from + 2 : -1;
  for (let i = 2; i < 6; i++) if (!isHex(bytes[from + i])) return -1;
  return from + 6;
}

/** Skips words of four bytes of which none ends a string, begins an escape or is a control character; at least the byte at `from`, which is none. */
function skipPlain(bytes: Uint8Array, from: number): number {
  const start = bytes.byteOffset + from + 1;
  const first = (start + 3) >> 2;
  const count = ((bytes.byteOffset + bytes.length) >> 2) - first;
  if (count <= 0) return from + 1;
  for (let at = from + 1; at < 4 * first - bytes.byteOffset; at++) if (!isPlain(bytes[at] as number)) return at;
  const words = new Int32Array(bytes.buffer, 4 * first, count);
  let i = 0;
  while (i < count && isPlainWord(words[i] as number)) i++;
  return 4 * (first + i) - bytes.byteOffset;
}

function isPlain(byte: number): boolean {
  return byte !== QUOTE && byte !== BACKSLASH && byte >= 0x20;
}

/** Whether `isPlain` holds for each of a word's bytes: a subtraction sets the highest bit of one that was too small. */
function isPlainWord(word: number): boolean {
  const quote = word ^ 0x22222222;
  const backslash = word ^ 0x5c5c5c5c;
  const small =
    ((word - 0x20202020) & ~word) | ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash);
  return (small & 0x80808080) === 0;
}

function skipNumber(bytes: Uint8Array, from: number): number {
  let at = bytes[from] === 0x2d ? from + 1 : from;
  at = bytes[at] === 0x30 ? at + 1 : skipDigits(bytes, at);
  if (at > 0 && bytes[at] === 0x2e) at = skipDigits(bytes, at + 1);
  if (at < 0) return -1;
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    at++;
    if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++;
    at = skipDigits(bytes, at);
  }
  return at;
}

/** Behind one or more digits, or -1. */
function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isDigit(bytes[at])) at++;
  return at === from ? -1 : at;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isHex(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const lower = byte | 0x20;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}
