import { AppError } from '../../../../domain/errors.js';
import type { ExportedEntry } from '../../../../domain/export/export-line.js';
import { type LineMembers, lineMembers } from '../../../../domain/export/line-members.js';
import { entryLine } from '../../../../domain/export/write-line.js';
import { JsonText } from '../../../../domain/json/outline.js';
import { MAX_JSON_DEPTH } from '../../../../domain/limits.js';
import { DEFAULT_TYPES, formOf } from '../../../../domain/value.js';
import type { JsonElement } from '../reading/parse-element.js';
import { elementRows, entriesOf, textOrJson } from '../reading/rows.js';
import { hasMembers, type Sample } from '../reading/sample.js';
import type { Format } from './format.js';
import { isOwn } from './ndjson.js';

/** What wraps an entry that is neither JSON nor text of the usual types: it has the members of an export's line. */
const WRAPPER = '$portkv';
const WRAPPED = /^\{\s*"\$portkv"\s*:/;
const VERBATIM = new Set(['json', 'meta']);
/** Of a value with its wrapper, which is two levels. */
const MAX_DEPTH = MAX_JSON_DEPTH + 2;

/** `{"key": value, …}`: a string is a text, everything else JSON, digit for digit. */
export const json: Format = {
  recognizes: (sample) =>
    sample.container === '{' && !isOwn(sample) && !isLine(sample) && !isItem(sample.firstElement?.value),
  read: (chunks) => entriesOf(elementRows(chunks, '{', { maxDepth: MAX_DEPTH }), membersOf),
  writer: {
    head: '{',
    entry: (entry, index) => `${index === 0 ? '' : ','}\n${JSON.stringify(entry.key)}: ${valueText(entry)}`,
    tail: '\n}\n',
  },
};

/** Whether the first line is one of several. */
function isLine({ firstObject, name }: Sample): boolean {
  return firstObject !== undefined && (/\.(?:ndjson|jsonl)$/.test(name) || hasMembers(firstObject, 'key'));
}

/** Whether a value is an item of Simple-PyKV. */
function isItem(value: unknown): boolean {
  return hasMembers(value, 'value', 'created_at', 'updated_at');
}

function membersOf({ name: key, value }: JsonElement): LineMembers {
  const text = value.toString();
  if (WRAPPED.test(text)) return { ...wrappedMembers(value), key };
  const form = textOrJson(new JsonText(text));
  return { key, content_type: DEFAULT_TYPES['text' in form ? 'text' : 'json'], ...form };
}

function wrappedMembers(value: Buffer): LineMembers {
  const { [WRAPPER]: inner, ...others } = lineMembers(value, VERBATIM, MAX_DEPTH);
  if (hasMembers(inner) && Object.keys(others).length === 0 && !hasMembers(inner, 'key')) return inner;
  throw new AppError('invalid', `has a ${WRAPPER} that is not the only member, or not an object of an entry's members`);
}

function valueText(entry: ExportedEntry): string {
  const { key, value, contentType, expiresAt, meta } = entry;
  const form = formOf(value);
  const text = Buffer.from(value.buffer, value.byteOffset, value.length).toString();
  if (expiresAt === undefined && meta === undefined && form !== 'base64') {
    if (contentType === DEFAULT_TYPES.text) return JSON.stringify(text);
    const isPlain = form === 'json' && !/^[\s"]|\s$/.test(text) && !WRAPPED.test(text);
    if (isPlain && contentType === DEFAULT_TYPES.json) return text;
  }
  const line = entryLine({ ...entry, createdAt: undefined, updatedAt: undefined });
  return `{"${WRAPPER}": {${line.slice(`{"key":${JSON.stringify(key)},`.length).trimEnd()}}`;
}
