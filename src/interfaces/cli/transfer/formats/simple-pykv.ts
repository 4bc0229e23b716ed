import { AppError } from '../../../../domain/errors.js';
import type { ExportedEntry } from '../../../../domain/export/export-line.js';
import type { LineMembers } from '../../../../domain/export/line-members.js';
import { isJson } from '../../../../domain/json/bytes.js';
import { readValue, withoutSpace, writeValue } from '../../../../domain/json/item-value.js';
import { JsonText, outlineOf, readOutline } from '../../../../domain/json/outline.js';
import { DEFAULT_TYPES } from '../../../../domain/value.js';
import { elementRows, entriesOf } from '../reading/rows.js';
import { hasMembers } from '../reading/sample.js';
import type { Format } from './format.js';

const VERBATIM = new Set(['value', 'meta']);
const MEMBERS = ['created_at', 'updated_at', 'expires_at', 'content_type', 'encoding'];
/** Members that say nothing that an import needs. */
const IGNORED = ['size_bytes', 'version', 'crc32'];

/** Simple-PyKV's store file, also of the engine `json-file`: `{"key": {"created_at": …, "value": …}, …}`. */
export const simplePykv: Format = {
  recognizes: ({ container, firstElement }) =>
    container === '{' && hasMembers(firstElement?.value, 'value', 'created_at', 'updated_at'),
  read: (chunks) =>
    entriesOf(elementRows(chunks, '{', { python: true, maxDepth: Number.POSITIVE_INFINITY }), ({ name, value }) =>
      membersOf(name, value),
    ),
  writer: {
    head: '{',
    entry: (entry, index) => `${index === 0 ? '' : ','}\n${JSON.stringify(entry.key)}: ${itemText(entry)}`,
    tail: '\n}\n',
  },
};

function membersOf(key: unknown, item: Buffer): LineMembers {
  const members = itemMembers(item.toString());
  if (!hasMembers(members)) throw new AppError('invalid', 'has an item that is not an object');
  const unknown = Object.keys(members).find((name) => ![...VERBATIM, ...MEMBERS, ...IGNORED].includes(name));
  if (unknown !== undefined) throw new AppError('invalid', `has the unknown member ${JSON.stringify(unknown)}`);
  const { value: literal, encoding, content_type: type, created_at, updated_at, expires_at, meta } = members;
  if (!(literal instanceof JsonText)) throw new AppError('invalid', 'has an item without a value');
  if (encoding !== undefined && typeof encoding !== 'string')
    throw new AppError('invalid', 'has an encoding that is not a string');
  const read = readItem(Buffer.from(literal.text), encoding, type !== undefined);
  const base64 = Buffer.from(read.value).toString('base64');
  return { key, base64, content_type: type ?? read.contentType, created_at, updated_at, expires_at, meta };
}

/** Throws `invalid` for NaN and Infinity, which only a value may have. */
function itemMembers(item: string): unknown {
  try {
    return readOutline(outlineOf(item, VERBATIM), VERBATIM);
  } catch (cause) {
    throw new AppError('invalid', `has an item that cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** The value of an item, and its content type if the item names none. */
function readItem(literal: Buffer, encoding: string | undefined, isTyped: boolean) {
  const read = readValue(literal, encoding);
  if (typeof read === 'string') throw new AppError('invalid', `has an item that cannot be read: ${read}`);
  // Simple-PyKV names no type. It indents its file, but serves and counts the value without that space.
  const value = !isTyped && isJson(read.value) ? withoutSpace(read.value) : read.value;
  return { value, contentType: DEFAULT_TYPES[read.form] };
}

/** Only what Simple-PyKV has, and what else is needed to read the same again. */
function itemText({ value, contentType, createdAt, updatedAt, expiresAt, meta }: ExportedEntry): string {
  const { json, encoding } = writeValue(value, false);
  const plain = readItem(Buffer.from(json), encoding, false);
  const isPlain = plain.contentType === contentType && Buffer.compare(plain.value, value) === 0;
  const further = {
    content_type: isPlain ? undefined : contentType,
    encoding,
    expires_at: expiresAt === undefined ? undefined : expiresAt / 1000,
  };
  const times = { created_at: seconds(createdAt), updated_at: seconds(updatedAt), size_bytes: value.length };
  const head = JSON.stringify(times).slice(0, -1);
  const described = meta === undefined ? '' : `,"meta":${meta}`;
  const tail = JSON.stringify(further).slice(1);
  return `${head},"value":${json}${described}${tail === '}' ? '' : ','}${tail}`;
}

function seconds(ms = 0): number {
  return ms / 1000;
}
