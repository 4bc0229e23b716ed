import { isUtf8 } from 'node:buffer';
import { isJson } from './json/bytes.js';

/** How a value's bytes can be shown inside JSON: as themselves, as a string, or as a base64 string. */
export type ValueForm = 'json' | 'text' | 'base64';

/** The content type that a value has where nobody names one; a text without a charset is read as Latin-1 by many clients. */
export const DEFAULT_TYPES: Readonly<Record<ValueForm, string>> = {
  json: 'application/json',
  text: 'text/plain; charset=utf-8',
  base64: 'application/octet-stream',
};

/** The form is a view on the bytes; nothing about it is stored. JSON nested deeper than 64 levels counts as text. */
export function formOf(value: Uint8Array): ValueForm {
  if (!isUtf8(value)) return 'base64';
  return isJson(value) ? 'json' : 'text';
}
