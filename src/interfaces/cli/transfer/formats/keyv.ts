import type { NumberedEntry } from '../../../../application/transfer/read-export.js';
import { AppError } from '../../../../domain/errors.js';
import type { LineMembers } from '../../../../domain/export/line-members.js';
import { JsonText } from '../../../../domain/json/outline.js';
import { DEFAULT_TYPES } from '../../../../domain/value.js';
import { isArray } from '../reading/chunks.js';
import { arrayRows, entriesOf, lineRows, objectMembers, textOrJson } from '../reading/rows.js';
import { hasMembers } from '../reading/sample.js';
import type { Format } from './format.js';

const MEMBERS = ['key', 'value', 'expires'];

/**
 * The rows of Keyv's table, as an array or one a line. An entry has the row's value, `{"value":…,"expires":…}`, as a
 * whole, because that is what Keyv reads.
 */
export const keyv: Format = {
  recognizes: ({ container, firstElement, firstObject }) =>
    isRow(container === '[' ? firstElement?.value : firstObject),
  read,
};

function isRow(row: unknown): boolean {
  const content = hasMembers(row, 'key', 'value') ? parsed(row.value) : undefined;
  return hasMembers(content, 'value') && Object.keys(content).every((name) => ['value', 'expires'].includes(name));
}

/** Whether a row's value can only be one of Keyv. */
export function isKeyvValue(value: unknown): boolean {
  return hasMembers(parsed(value), 'value', 'expires');
}

async function* read(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<NumberedEntry> {
  const { isArray: isTable, chunks: all } = await isArray(chunks);
  yield* entriesOf(isTable ? arrayRows(all) : lineRows(all), membersOf);
}

function membersOf(row: Buffer): LineMembers {
  const { key, value, expires: column } = objectMembers(row, MEMBERS, ['value']);
  if (!(value instanceof JsonText)) throw new AppError('invalid', 'has no value');
  const stored = textOrJson(value);
  const text = 'text' in stored ? stored.text : stored.json.text;
  const content = parsed(text);
  if (!hasMembers(content, 'value')) throw new AppError('invalid', 'has a value that is not Keyv\'s {"value":…}');
  const expires = content.expires ?? column ?? undefined;
  const seconds = typeof expires === 'number' ? expires / 1000 : expires;
  return { key, text, content_type: DEFAULT_TYPES.json, expires_at: seconds };
}

/** What the JSON text stands for, or the value itself if it is no text. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
