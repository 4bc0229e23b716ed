import { JsonText } from '../json/outline.js';
import { ENTRY_MEMBERS } from './entry-members.js';
import type { LineMembers } from './line-members.js';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** The members of every line, in an order that is that of each kind of line. */
const MEMBER_ORDER: readonly string[] = [
  ...['format', 'key', 'content_type', 'version', 'project', 'created_at', 'prefix', 'after'],
  ...ENTRY_MEMBERS.slice(ENTRY_MEMBERS.indexOf('updated_at')),
  ...['count', 'sha256'],
];

/**
 * The line as an export writes it, which is what its SHA-256 is about: an editor may have ended it with a carriage
 * return, and a program may have written its members in another order. `members` are those of the line.
 */
export function asWritten(line: Buffer, members: LineMembers): Buffer {
  const names = Object.keys(members);
  if (names.every((name, i) => i === 0 || orderOf(names[i - 1] as string) <= orderOf(name))) return withoutReturn(line);
  const texts = names
    .toSorted((a, b) => orderOf(a) - orderOf(b))
    .map((name) => `${JSON.stringify(name)}:${memberText(members[name])}`);
  return Buffer.from(`{${texts.join()}}\n`);
}

function orderOf(name: string): number {
  return MEMBER_ORDER.indexOf(name);
}

function memberText(member: unknown): string {
  return member instanceof JsonText ? member.text : JSON.stringify(member);
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-2) === CARRIAGE_RETURN && line.at(-1) === LINE_FEED
    ? Buffer.concat([line.subarray(0, -2), line.subarray(-1)])
    : line;
}
