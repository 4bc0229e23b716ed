import { isUtf8 } from 'node:buffer';
import { isJson } from './bytes.js';
import { CHARACTERS } from './characters.js';

/** A value as it is written in a store file. */
export interface ValueLiteral {
  /** One JSON value. */
  readonly json: string;
  /** How to read it, if the JSON alone would be read as something else. */
  readonly encoding: 'text' | 'json' | 'base64' | undefined;
}

/** A value from a store file, with the form whose content type it has if its item names none. */
export interface ReadValue {
  readonly value: Uint8Array;
  readonly form: 'json' | 'text' | 'base64';
}

const { QUOTE, BACKSLASH } = CHARACTERS;

/** JSON verbatim, other text as a string, other bytes as base64. With `oneLine` there is no line break in it. */
export function writeValue(value: Uint8Array, oneLine: boolean): ValueLiteral {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  if (!isUtf8(bytes)) return { json: `"${bytes.toString('base64')}"`, encoding: 'base64' };
  const text = bytes.toString();
  const isJsonText = isJson(bytes);
  if (isJsonText && text.trim() === text && !(oneLine && text.includes('\n'))) {
    return { json: text, encoding: bytes[0] === QUOTE ? 'json' : undefined };
  }
  return { json: JSON.stringify(text), encoding: isJsonText ? 'text' : undefined };
}

/**
 * Reads what `writeValue` or Simple-PyKV wrote. A string says why it cannot be read. The literal is valid UTF-8 and one
 * JSON value.
 */
export function readValue(literal: Buffer, encoding: string | undefined): ReadValue | string {
  const verbatim: ReadValue = { value: literal, form: 'json' };
  if (encoding === 'json') return verbatim;
  if (literal[0] !== QUOTE)
    return encoding === undefined ? verbatim : `"encoding" is ${encoding}, "value" is no string`;
  const content = readString(literal);
  switch (encoding) {
    case undefined:
      // Simple-PyKV keeps the text "123" apart from the number 123, so we must, too; half a surrogate pair has no
      // UTF-8.
      if (content === undefined || isJson(content)) return verbatim;
      return { value: content, form: 'text' };
    case 'text':
      return content === undefined ? '"value" holds half of a surrogate pair' : { value: content, form: 'text' };
    case 'base64': {
      const text = content?.toString('latin1') ?? '?';
      const value = Buffer.from(text, 'base64');
      // Much faster than a pattern. A comparison is needed because node's decoder skips what it does not know.
      if (value.toString('base64') !== text) return '"value" is no base64';
      return { value, form: 'base64' };
    }
    default:
      return '"encoding" is none of text, json, base64';
  }
}

/** JSON text without the white space between its tokens. */
export function withoutSpace(json: Uint8Array): Uint8Array {
  const kept = Buffer.allocUnsafe(json.length);
  let length = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at] as number;
    if (!inString && (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09)) continue;
    kept[length++] = byte;
    if (byte === QUOTE) inString = !inString;
    else if (byte === BACKSLASH && inString) kept[length++] = json[++at] as number;
  }
  return length === json.length ? json : kept.subarray(0, length);
}

/** The UTF-8 of a JSON string; undefined if it has none, because it holds half of a surrogate pair. */
function readString(literal: Buffer): Buffer | undefined {
  if (!literal.includes(BACKSLASH)) return literal.subarray(1, -1);
  const text: string = JSON.parse(literal.toString());
  return text.isWellFormed() ? Buffer.from(text) : undefined;
}
