import { isUtf8 } from 'node:buffer';
import { skipJson, skipSpace, skipString } from './bytes.js';
import { CHARACTERS } from './characters.js';
import { type Place, placeOfByte, placeText } from './place.js';

const { BACKSLASH, CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET, QUOTE, SPACE } = CHARACTERS;

/** Where bytes stop being one JSON text. `why` is a sentence without its end. */
export interface JsonMistake {
  /** The position of the byte. */
  readonly at: number;
  readonly why: string;
}

/** `offset` counts bytes, from 0. */
interface BytePlace extends Place {
  readonly offset: number;
}

type Expected = 'value' | 'value or end' | 'name' | 'name or end' | 'comma or end';

/**
 * The first mistake in bytes that `isJson` refuses; undefined if they are one JSON text of at most `maxDepth` levels.
 * Slower than `isJson`: for messages.
 */
export function jsonMistake(bytes: Uint8Array, maxDepth: number, python = false): JsonMistake | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb) return { at: 0, why: 'it begins with a byte order mark' };
  const closers: number[] = [];
  let expected: Expected = 'value';
  let at = 0;
  for (;;) {
    at = skipSpace(bytes, at);
    const byte = bytes[at];
    const closer = closers[closers.length - 1];
    if (expected === 'comma or end' && closer === undefined) {
      return at < bytes.length ? { at, why: 'something follows the value' } : utf8Mistake(bytes);
    }
    if (byte !== undefined && byte === closer && expected.endsWith('end')) {
      closers.pop();
      at += 1;
      expected = 'comma or end';
    } else if (expected === 'comma or end') {
      if (byte !== COMMA) return mistakeAt(bytes, at, `a comma or ${closer === CLOSE_BRACE ? '}' : ']'} is missing`);
      at += 1;
      expected = closer === CLOSE_BRACE ? 'name' : 'value';
    } else if (expected === 'name' || expected === 'name or end') {
      const end = skipString(bytes, at);
      if (end < 0) return stringMistake(bytes, at, 'a member name in double quotes is missing');
      at = skipSpace(bytes, end);
      if (bytes[at] !== COLON) return mistakeAt(bytes, at, 'a colon is missing');
      at += 1;
      expected = 'value';
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (closers.push(byte === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET) > maxDepth) return tooDeep(at, maxDepth);
      at += 1;
      expected = byte === OPEN_BRACE ? 'name or end' : 'value or end';
    } else {
      const end = skipJson(bytes, at, 0, python);
      if (end < 0) return stringMistake(bytes, at, 'a value is missing or is none of JSON');
      at = end;
      expected = 'comma or end';
    }
  }
}

/** A mistake as messages have it, and its place for the details of an error. */
export function describeMistake(bytes: Uint8Array, { at, why }: JsonMistake): { text: string; place: BytePlace } {
  const place = placeOfByte(bytes, at);
  return { text: `${placeText(place)}: ${why}`, place: { ...place, offset: at } };
}

function mistakeAt(bytes: Uint8Array, at: number, why: string): JsonMistake {
  return at < bytes.length ? { at, why } : { at: bytes.length, why: `it ends too early: ${why}` };
}

function tooDeep(at: number, levels: number): JsonMistake {
  return { at, why: `it is nested deeper than ${levels} levels` };
}

/** The mistake in the string that begins at `from`; `otherwise` if none begins there. */
function stringMistake(bytes: Uint8Array, from: number, otherwise: string): JsonMistake {
  if (bytes[from] !== QUOTE) return mistakeAt(bytes, from, otherwise);
  for (let at = from + 1; ; at++) {
    const byte = bytes[at];
    if (byte === undefined) return { at: from, why: 'the string that begins here has no end' };
    if (byte < SPACE) return { at, why: 'a control character, such as a line break, must be escaped in a string' };
    if (byte !== BACKSLASH) continue;
    const start = Buffer.from(bytes.subarray(at, at + 6)).toString('latin1');
    if (!/^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(start)) return { at, why: 'this is no escape of JSON' };
    at += 1;
  }
}

function utf8Mistake(bytes: Uint8Array): JsonMistake | undefined {
  if (isUtf8(bytes)) return undefined;
  const decoded = Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
  let at = 0;
  while (decoded[at] === bytes[at]) at += 1;
  return { at, why: 'a byte that is not UTF-8' };
}
