import { isUtf8 } from 'node:buffer';
import type { Entry } from './entry.js';
import { AppError } from './errors.js';
import { isJson } from './json/bytes.js';
import { entryMeta } from './json/entry-meta.js';
import { jsonMistake } from './json/mistake.js';
import { JsonText, outlineOf, readOutline } from './json/outline.js';
import { placeOfByte } from './json/place.js';
import { keyProblem } from './key.js';
import { MAX_CONTENT_TYPE_BYTES, MAX_EXPIRES_AT, MAX_JSON_DEPTH } from './limits.js';
import { DEFAULT_TYPES, formOf } from './value.js';
import { formatVersion } from './version.js';

/**
 * The lines of an export: a header, then the entries in key order, one a line, then a trailer with their count and the
 * SHA-256 of all bytes before it. Each line is a JSON object; times are in seconds. A value is in the member `json` if
 * it is JSON that fits on a line as it is, else in `text` or `base64`, so that an import restores its bytes. The member
 * `meta` is the metadata, if there is any.
 */
const FORMAT = 'portkv-export';
const FORMAT_VERSION = 1;

export interface ExportHeader {
  readonly project: string;
  /** The moment at which the entries were as exported, in ms since 1970. */
  readonly at: number;
  /** Only keys after this one were exported. */
  readonly after?: string | undefined;
  /** Only keys with this prefix were exported. */
  readonly prefix?: string | undefined;
}

export interface ExportTrailer {
  readonly count: number;
  readonly sha256: string;
}

/** An entry of an export, without its version: an import issues a new one. Times that the line lacks are undefined. */
export interface ExportedEntry extends Pick<Entry, 'key' | 'value' | 'contentType' | 'expiresAt' | 'meta'> {
  readonly createdAt: number | undefined;
  readonly updatedAt: number | undefined;
}

export function headerLine({ project, at, after, prefix }: ExportHeader): string {
  const header = { format: FORMAT, version: FORMAT_VERSION, project, created_at: at / 1000, prefix, after };
  return `${JSON.stringify(header)}\n`;
}

export function trailerLine({ count, sha256 }: ExportTrailer): string {
  return `${JSON.stringify({ count, sha256 })}\n`;
}

/** Without a version and times that the entry lacks: an import issues a new version anyway. */
export function entryLine(entry: ExportedEntry & Partial<Pick<Entry, 'version'>>): string {
  const { key, contentType, version, createdAt, updatedAt, expiresAt, meta } = entry;
  const head = JSON.stringify({
    key,
    content_type: contentType,
    version: version === undefined ? undefined : formatVersion(version),
    created_at: secondsOf(createdAt),
    updated_at: secondsOf(updatedAt),
    expires_at: secondsOf(expiresAt),
  });
  const described = meta === undefined ? '' : `,"meta":${meta}`;
  return `${head.slice(0, -1)}${described},${valueMember(entry.value)}}\n`;
}

function secondsOf(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}

function valueMember(value: Uint8Array): string {
  const buffer = Buffer.from(value.buffer, value.byteOffset, value.length);
  const form = formOf(buffer);
  if (form === 'base64') return `"base64":"${buffer.toString('base64')}"`;
  const text = buffer.toString();
  if (form === 'json' && !/^\s|[\r\n]|\s$/.test(text)) return `"json":${text}`;
  const quoted = JSON.stringify(text);
  return quoted.length > buffer.length * 2 + 16 ? `"base64":"${buffer.toString('base64')}"` : `"text":${quoted}`;
}

/** A parsed line. */
export type ExportLine =
  | { readonly kind: 'header'; readonly header: ExportHeader }
  | { readonly kind: 'entry'; readonly entry: ExportedEntry }
  | { readonly kind: 'trailer'; readonly trailer: ExportTrailer };

/** Throws `invalid` if the line cannot be one of an export. */
export function readExportLine(line: Buffer): ExportLine {
  return exportLineOf(lineMembers(line));
}

/**
 * The members of a line in their order, those named in `verbatim` as `JsonText`. Throws `invalid` if it is not a JSON
 * object.
 */
export function lineMembers(line: Buffer, verbatim = VERBATIM, maxDepth = MAX_JSON_DEPTH + 1): LineMembers {
  if (!isUtf8(line) || !isJson(line, maxDepth)) throw noJson(line);
  const members = readOutline(outlineOf(line.toString(), verbatim), verbatim);
  if (!isObject(members)) throw invalidLine('is not a JSON object');
  return members;
}

/** Throws `invalid` if these cannot be the members of a line of an export. */
export function exportLineOf(members: LineMembers): ExportLine {
  if (Object.hasOwn(members, 'key')) return { kind: 'entry', entry: entryOfMembers(members) };
  if (Object.hasOwn(members, 'format')) return { kind: 'header', header: headerFromLine(members) };
  return { kind: 'trailer', trailer: trailerFromLine(members) };
}

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

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** The members of a line. */
export type LineMembers = Readonly<Record<string, unknown>>;

/** Members whose value is kept as it is written. */
const VERBATIM: ReadonlySet<string> = new Set(['json', 'meta']);

function headerFromLine({ format, version, project, created_at, after, prefix }: LineMembers): ExportHeader {
  if (format !== FORMAT) throw invalidLine(`has the format ${JSON.stringify(format)}, not "${FORMAT}"`);
  if (version !== FORMAT_VERSION) {
    throw invalidLine(`has version ${JSON.stringify(version)} of the format, not ${FORMAT_VERSION}`);
  }
  return {
    project: typeof project === 'string' ? project : '',
    at: timeMember(created_at, 'created_at') ?? 0,
    after: textMember(after, 'after'),
    prefix: textMember(prefix, 'prefix'),
  };
}

function trailerFromLine({ count, sha256, ...unknown }: LineMembers): ExportTrailer {
  if (!Number.isSafeInteger(count) || typeof sha256 !== 'string' || Object.keys(unknown).length > 0) {
    throw invalidLine('is neither an entry (it has no key) nor the trailer (with count and sha256)');
  }
  return { count: count as number, sha256 };
}

/** In the order in which they are written. */
const ENTRY_MEMBERS: readonly string[] = [
  ...['key', 'content_type', 'version', 'created_at', 'updated_at', 'expires_at'],
  ...['meta', 'json', 'text', 'base64'],
];
/** The members of every line, in an order that is that of each kind of line. */
const MEMBER_ORDER: readonly string[] = [
  ...['format', 'key', 'content_type', 'version', 'project', 'created_at', 'prefix', 'after'],
  ...ENTRY_MEMBERS.slice(ENTRY_MEMBERS.indexOf('updated_at')),
  ...['count', 'sha256'],
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

/** The time in ms. */
function timeMember(seconds: unknown, name: string): number | undefined {
  if (seconds === undefined) return undefined;
  const ms = typeof seconds === 'number' ? Math.round(seconds * 1000) : Number.NaN;
  if (ms >= 0 && ms <= MAX_EXPIRES_AT) return ms;
  throw invalidLine(`has a ${name} that is not a time in seconds since 1970`);
}

/** `readOutline` keeps the member as it is written. */
function metaMember(meta: unknown): string | undefined {
  return meta instanceof JsonText ? entryMeta(meta.text, 'has a member meta that') : undefined;
}

function textMember(value: unknown, name: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw invalidLine(`has a member ${name} that is not a string`);
}

function isObject(value: unknown): value is LineMembers {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function noJson(line: Buffer): AppError {
  const { at, why } = jsonMistake(line, MAX_JSON_DEPTH + 1) ?? { at: 0, why: 'it is empty' };
  const { column } = placeOfByte(line, at);
  return new AppError('invalid', `is not JSON at column ${column}: ${why}`, { details: { column } });
}

function invalidLine(why: string): AppError {
  return new AppError('invalid', why);
}
