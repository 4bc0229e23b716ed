import { MAX_JSON_DEPTH } from '../limits.js';
import { CHARACTERS, isSpace } from './characters.js';
import { isDigit, skipNumber } from './skip-number.js';

const {
  BACKSLASH,
  CAPITAL_I,
  CAPITAL_N,
  CLOSE_BRACE,
  COLON,
  COMMA,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  QUOTE,
  SMALL_A,
  SMALL_F,
  SMALL_N,
  SMALL_T,
  SMALL_U,
  SPACE,
} = CHARACTERS;

/** By byte, whether it may follow a backslash; `u` is missing, since four digits belong to it. */
const SHORT_ESCAPES = Uint8Array.from({ length: 256 }, (_, byte) =>
  '"\\\\/bfnrt'.includes(String.fromCharCode(byte)) ? 1 : 0,
);
/** Bytes of a string that are read one by one; in a longer string, reading four at once pays. */
const BYTEWISE_LENGTH = 64;

/**
 * Whether the bytes are one JSON text (RFC 8259), nested at most `maxDepth` deep. Walks the bytes without building the
 * value, so it needs hardly any memory and throws nothing. Does not check that strings are valid UTF-8.
 */
export function isJson(bytes: Uint8Array, maxDepth = MAX_JSON_DEPTH): boolean {
  const end = skipJson(bytes, skipSpace(bytes, 0), maxDepth);
  return end >= 0 && skipSpace(bytes, end) === bytes.length;
}

/**
 * The position after the JSON value that begins at `from`; -1 if none begins there or it is cut off. With `python` also
 * accepts NaN, Infinity and -Infinity, which Python's json module writes.
 */
export function skipJson(bytes: Uint8Array, from: number, maxDepth: number, python = false): number {
  const first = bytes[from];
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return skipPlain(bytes, from, python);
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
      at = skipPlain(bytes, at, python);
      if (at < 0) return -1;
    }
    // A value has ended: close what closes here, then continue after a comma.
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

/** The position of the first byte from `from` on that is not JSON white space. */
export function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isSpace(bytes[at])) at++;
  return at;
}

/** The position after `"name" :` and the space that follows, or -1. */
function skipName(bytes: Uint8Array, from: number): number {
  let at = skipString(bytes, from);
  if (at < 0) return -1;
  at = skipSpace(bytes, at);
  return bytes[at] === COLON ? skipSpace(bytes, at + 1) : -1;
}

/** The position after a value without members or items, or -1. */
function skipPlain(bytes: Uint8Array, from: number, python: boolean): number {
  return python && isPythonWord(bytes[from], bytes[from + 1]) ? skipPythonWord(bytes, from) : skipScalar(bytes, from);
}

function skipScalar(bytes: Uint8Array, from: number): number {
  switch (bytes[from]) {
    case QUOTE:
      return skipString(bytes, from);
    case SMALL_T:
      return skipWord(bytes, from, 'true');
    case SMALL_F:
      return skipWord(bytes, from, 'false');
    case SMALL_N:
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
  return byte === CAPITAL_N || byte === CAPITAL_I || (byte === MINUS && next === CAPITAL_I);
}

function skipPythonWord(bytes: Uint8Array, from: number): number {
  if (bytes[from] === CAPITAL_N) return skipWord(bytes, from, 'NaN');
  return bytes[from] === CAPITAL_I ? skipWord(bytes, from, 'Infinity') : skipWord(bytes, from, '-Infinity');
}

/** The position after the JSON string whose opening quote is at `from`; -1 if none begins there or it is cut off. */
export function skipString(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== QUOTE) return -1;
  let at = from + 1;
  let bytewiseUntil = at + BYTEWISE_LENGTH;
  for (;;) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === undefined || byte < SPACE) return -1;
    if (byte === BACKSLASH) {
      at = skipEscape(bytes, at);
      if (at < 0) return -1;
    } else if (at >= bytewiseUntil) {
      at = skipPlainBytes(bytes, at);
      bytewiseUntil = at + BYTEWISE_LENGTH;
    } else at++;
  }
}

/** The position after the escape whose backslash is at `from`, or -1. */
function skipEscape(bytes: Uint8Array, from: number): number {
  const escaped = bytes[from + 1];
  if (escaped !== SMALL_U) return escaped !== undefined && SHORT_ESCAPES[escaped] === 1 ? from + 2 : -1;
  for (let i = 2; i < 6; i++) if (!isHex(bytes[from + i])) return -1;
  return from + 6;
}

/**
 * Skips the plain byte at `from`, then words of four bytes as long as all four are plain: none of them ends the
 * string, begins an escape or is a control character.
 */
function skipPlainBytes(bytes: Uint8Array, from: number): number {
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
  return byte !== QUOTE && byte !== BACKSLASH && byte >= SPACE;
}

/** Whether `isPlain` holds for each byte of a word. A subtraction sets the highest bit of a byte that is too small. */
function isPlainWord(word: number): boolean {
  const quote = word ^ 0x22222222;
  const backslash = word ^ 0x5c5c5c5c;
  const tooSmall =
    ((word - 0x20202020) & ~word) | ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash);
  return (tooSmall & 0x80808080) === 0;
}

function isHex(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const lower = byte | 0x20;
  return isDigit(byte) || (lower >= SMALL_A && lower <= SMALL_F);
}
