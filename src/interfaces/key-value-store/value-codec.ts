import type { ReadAs } from './values.js';

/** A value as it is stored. */
export interface EncodedValue {
  readonly value: Uint8Array;
  readonly contentType: string;
}

/** Makes the error of a store for a value that cannot be written or read. */
export type Refuse = (code: 'invalid' | 'unprocessable', message: string) => Error;

export const CONTENT_TYPES = {
  json: 'application/json',
  text: 'text/plain; charset=utf-8',
  bytes: 'application/octet-stream',
};
/** Stands for a value that is no JSON; JSON itself can be null. */
const NO_JSON = Symbol();
const JSON_TYPES = /[/+]json\b/;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Keeps bytes as they are, texts too if they are to be written as such, and encodes any other value as JSON. */
export function encodeValue(
  value: unknown,
  { as, contentType }: { readonly as?: string | undefined; readonly contentType?: string | undefined },
  refuse: Refuse,
): EncodedValue {
  if (value instanceof Uint8Array) {
    return { value: new Uint8Array(value), contentType: contentType ?? CONTENT_TYPES.bytes };
  }
  if (as !== undefined && as !== 'json' && as !== 'text') {
    throw refuse('invalid', `as must be json or text for what is no Uint8Array, not ${as}`);
  }
  if (as === 'text') {
    return { value: encodeText(value, refuse), contentType: contentType ?? CONTENT_TYPES.text };
  }
  return { value: encoder.encode(toJson(value, refuse)), contentType: contentType ?? CONTENT_TYPES.json };
}

/** What `append` adds; the content type counts only if it creates the entry. */
export function encodePart(value: unknown, refuse: Refuse): EncodedValue {
  return encodeValue(value, { as: 'text' }, refuse);
}

/** Throws `invalid` for what JSON cannot represent, also if `JSON.stringify` would write null or {} for it. */
export function toJson(value: unknown, refuse: Refuse): string {
  const lost = lostInJson(value);
  if (lost !== undefined) throw refuse('invalid', `${lost} cannot be stored: it is no JSON`);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    throw refuse('invalid', `the value cannot be stored: ${reason}`);
  }
  if (text === undefined) throw refuse('invalid', `a ${typeof value} cannot be stored: it is no JSON`);
  return text;
}

function lostInJson(value: unknown): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null) return undefined;
  const [, type = ''] = /^\[object (.*)\]$/.exec(Object.prototype.toString.call(value)) ?? [];
  const isLost = ArrayBuffer.isView(value) || /^(Shared)?ArrayBuffer$|^Blob$|^File$|^(Weak)?(Map|Set)$/.test(type);
  return isLost && !('toJSON' in value) ? `${/^[AEIOU]/.test(type) ? 'an' : 'a'} ${type}` : undefined;
}

function encodeText(value: unknown, refuse: Refuse): Uint8Array {
  if (typeof value !== 'string') throw refuse('invalid', `a text must be a string, not ${typeof value}`);
  if (!value.isWellFormed()) throw refuse('invalid', 'a text must be well-formed Unicode (it has a lone surrogate)');
  return encoder.encode(value);
}

/** Reads a value as the caller asked for. */
export function decodeValue(
  key: string,
  { value, contentType }: EncodedValue,
  as: ReadAs | undefined,
  refuse: Refuse,
): unknown {
  if (as === 'bytes') return new Uint8Array(value);
  if (as !== undefined && !['auto', 'json', 'text'].includes(as)) {
    throw refuse('invalid', `as must be auto, json, text or bytes, not ${as}`);
  }
  if (as === 'text' || as === 'json') {
    const text = textOf(value);
    if (text === undefined) throw refuse('unprocessable', `The value of key '${key}' is not UTF-8`);
    if (as === 'text') return text;
    const parsed = parse(text);
    if (parsed === NO_JSON) throw refuse('unprocessable', `The value of key '${key}' is not JSON`);
    return parsed;
  }
  if (JSON_TYPES.test(contentType)) {
    const parsed = parse(textOf(value));
    return parsed === NO_JSON ? new Uint8Array(value) : parsed;
  }
  return (contentType.startsWith('text/') ? textOf(value) : undefined) ?? new Uint8Array(value);
}

/** Undefined if it is no UTF-8. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? NO_JSON : JSON.parse(text);
  } catch {
    return NO_JSON;
  }
}
