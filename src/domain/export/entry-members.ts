import { entryMeta } from '../json/entry-meta.js';
import { JsonText } from '../json/outline.js';
import { keyProblem } from '../key.js';
import { MAX_CONTENT_TYPE_BYTES } from '../limits.js';
import { DEFAULT_TYPES, formOf } from '../value.js';
import type { ExportedEntry } from './export-line.js';
import { invalidLine, type LineMembers, timeMember } from './line-members.js';

/** In the order in which they are written. */
export const ENTRY_MEMBERS: readonly string[] = [
  ...['key', 'content_type', 'version', 'created_at', 'updated_at', 'expires_at'],
  ...['meta', 'json', 'text', 'base64'],
];

/** Throws `invalid` if these cannot be the members of an entry; a member that is undefined counts as missing. */
export function entryOfMembers(members: LineMembers): ExportedEntry {
  const unknown = Object.keys(members).find((name) => !ENTRY_MEMBERS.includes(name));
  if (unknown !== undefined) throw invalidLine(`has the unknown member ${JSON.stringify(unknown)}`);
  const { key } = members;
  const problem = typeof key === 'string' ? keyProblem(key) : 'a key must be a string';
  if (problem !== undefined) throw invalidLine(problem);
  const value = valueFromLine(members);
  const expiresAt = timeMember(members.expires_at, 'expires_at');
  const meta = metaMember(members.meta);
  return {
    key: key as string,
    value,
    contentType: contentTypeFromLine(members.content_type, value),
    createdAt: timeMember(members.created_at, 'created_at'),
    updatedAt: timeMember(members.updated_at, 'updated_at'),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(meta === undefined ? {} : { meta }),
  };
}

function valueFromLine(members: LineMembers): Buffer {
  const names = ['json', 'text', 'base64'].filter((name) => Object.hasOwn(members, name));
  const member = members[names[0] ?? ''];
  const content = member instanceof JsonText ? member.text : member;
  if (names.length !== 1 || typeof content !== 'string')
    throw invalidLine('must have exactly one of json, text and base64');
  if (names[0] !== 'base64') {
    if (!content.isWellFormed()) throw invalidLine('has a lone surrogate in its text');
    return Buffer.from(content);
  }
  const value = Buffer.from(content, 'base64');
  if (value.toString('base64') !== content) throw invalidLine('has a member base64 that is not base64');
  return value;
}

function contentTypeFromLine(contentType: unknown, value: Uint8Array): string {
  if (contentType === undefined) return DEFAULT_TYPES[formOf(value)];
  // A stored type is the content of a header: visible characters, spaces and characters beyond ASCII.
  if (
    typeof contentType === 'string' &&
    /^[^\x00-\x1f\x7f]+$/.test(contentType) &&
    Buffer.byteLength(contentType) <= MAX_CONTENT_TYPE_BYTES
  )
    return contentType;
  throw invalidLine('has a content_type that cannot be one');
}

/** `readOutline` keeps the member as it is written. */
function metaMember(meta: unknown): string | undefined {
  return meta instanceof JsonText ? entryMeta(meta.text, 'has a member meta that') : undefined;
}
