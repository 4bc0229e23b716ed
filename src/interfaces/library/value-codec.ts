import { isUtf8 } from 'node:buffer';
import type { Entry } from '../../domain/entry.js';

const JSON_TYPE = 'application/json';
const JSON_TYPES = /[/+]json\b/;
const BYTES_TYPE = 'application/octet-stream';

/** A value as bytes: bytes as they are, anything else as JSON. Throws a TypeError for what JSON cannot say. */
export function encodeValue(value: unknown): { readonly value: Uint8Array; readonly contentType: string } {
  if (value instanceof Uint8Array) return { value: value.slice(), contentType: BYTES_TYPE };
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`a ${typeof value} cannot be stored: it is no JSON`);
  return { value: Buffer.from(text), contentType: JSON_TYPE };
}

/** The value of an entry by its content type: JSON parsed, text as a string; anything else, and what is no JSON after all, as bytes. */
export function decodeValue({ value, contentType }: Entry): unknown {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  if (contentType.startsWith('text/') && !JSON_TYPES.test(contentType)) return bytes.toString();
  if (!JSON_TYPES.test(contentType) || !isUtf8(bytes)) return new Uint8Array(bytes);
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return new Uint8Array(bytes);
  }
}
