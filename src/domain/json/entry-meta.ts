import { AppError } from '../errors.js';
import { MAX_JSON_DEPTH, MAX_META_BYTES } from '../limits.js';
import { isJson } from './bytes.js';
import { describeMistake, jsonMistake } from './mistake.js';

declare const checked: unique symbol;

/** The metadata of an entry: the JSON text of an object, as `entryMeta` returns it. */
export type EntryMeta = string & { readonly [checked]: true };

/**
 * The text of an object in the form in which it is stored: without space between its tokens, each string with as few
 * escapes as possible, so that the escapes of a header do not count; numbers and the order of members stay. Throws
 * `invalid` and `too_large`; the message begins with `name`, the details include `details`.
 */
export function entryMeta(json: string, name: string, details: Record<string, unknown> = {}): EntryMeta {
  const bytes = Buffer.from(json);
  const invalid = (why: string) => new AppError('invalid', `${name} must be a JSON object ${why}`, { details });
  if (!json.isWellFormed() || !isJson(bytes)) {
    const mistake = jsonMistake(bytes, MAX_JSON_DEPTH);
    throw invalid(`and is no JSON${mistake === undefined ? '' : `: ${describeMistake(bytes, mistake).text}`}`);
  }
  const text = json.replace(TOKEN, (token) => (token[0] === '"' ? shortest(token) : ''));
  if (text[0] !== '{') throw invalid(`such as {"a":1}, not ${text.slice(0, 20)}`);
  const length = Buffer.byteLength(text);
  if (length <= MAX_META_BYTES) return text as EntryMeta;
  throw new AppError('too_large', `${name} may have at most ${MAX_META_BYTES} bytes, this has ${length}`, {
    details: { ...details, limit_bytes: MAX_META_BYTES, sent_bytes: length },
  });
}

/** A string, or space between tokens. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[ \t\r\n]+/g;

function shortest(literal: string): string {
  return literal.includes('\\') ? JSON.stringify(JSON.parse(literal)) : literal;
}
