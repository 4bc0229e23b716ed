import { isUtf8 } from 'node:buffer';
import { isJson } from './json/bytes.js';

/** How the bytes of a value are shown inside JSON: as they are, as a string, or as a base64 string. */
export type ValueForm = 'json' | 'text' | 'base64';

/** How a reader asks for values: in a form, or by their content types. */
export type ValueView = 'auto' | ValueForm;

/** The content type of a value if the client sends none. Many clients read text without a charset as Latin-1. */
export const DEFAULT_TYPES: Readonly<Record<ValueForm, string>> = {
  json: 'application/json',
  text: 'text/plain; charset=utf-8',
  base64: 'application/octet-stream',
};

/** Computed from the bytes; the form is not stored. JSON that is nested more than 64 levels deep counts as text. */
export function formOf(value: Uint8Array): ValueForm {
  if (!isUtf8(value)) return 'base64';
  return isJson(value) ? 'json' : 'text';
}

/**
 * The form in which a reader gets a value: the one that it asks for or, if that cannot hold the bytes, the next of
 * JSON, text and base64 that can. With `auto`, JSON only if the content type says that the value is JSON.
 */
export function formFor(view: ValueView, value: Uint8Array, contentType: string): ValueForm {
  if (view === 'base64' || !isUtf8(value)) return 'base64';
  const mayBeJson = view === 'json' || (view === 'auto' && isJsonType(contentType));
  return mayBeJson && isJson(value) ? 'json' : 'text';
}

/** Whether a content type says that the value is JSON. */
export function isJsonType(contentType: string): boolean {
  return /^\s*(?:(?:application|text)\/json|[^\s;/]+\/[^\s;]+\+json)\s*(?:;|$)/i.test(contentType);
}
