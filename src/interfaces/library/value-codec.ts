import { isUtf8 } from 'node:buffer';
import type { Entry } from '../../domain/entry.js';

const JSON_TYPE = 'application/json';
const JSON_TYPES = /[/+]json\b/;
const BYTES_TYPE = 'application/octet-stream';

/**
 * Keeps bytes as they are and encodes any other value as JSON. Throws a TypeError if JSON cannot represent the value.
 */
export function encodeValue(value: unknown): { readonly value: Uint8Array; readonly contentType: string } {
  if (value instanceof Uint8Array) return { value: value.slice(), contentType: BYTES_TYPE };
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`a ${typeof value} cannot be stored: it is no JSON`);
  return { value: Buffer.from(text), contentType: JSON_TYPE };
}

/**
 * Decodes the value of an entry by its content type: JSON is parsed, text is a string, anything else is bytes. A value
 * that is invalid JSON in spite of its type is bytes, too.
 */
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
