import { isUtf8 } from 'node:buffer';
import type { Entry } from './entry.js';
import { AppError } from './errors.js';
import { isJson } from './json/bytes.js';
import { JsonText, outlineOf, readOutline } from './json/outline.js';
import { keyProblem } from './key.js';
import { MAX_CONTENT_TYPE_BYTES, MAX_EXPIRES_AT, MAX_JSON_DEPTH } from './limits.js';
import { DEFAULT_TYPES, formOf } from './value.js';
import { formatVersion } from './version.js';

/**
 * The lines of an export: a header, one entry a line in key order, and a trailer with their count and the SHA-256 of all bytes
 * before it. Each is a JSON object; times are in seconds. A value is the member `json` where it is JSON that fits into a line as it
 * stands, else `text` or `base64`, so that its bytes come back as they were.
 */
const FORMAT = 'portkv-export';
const FORMAT_VERSION = 1;

export interface ExportHeader {
  readonly project: string;
  /** The moment that the entries are as of, in ms since 1970. */
  readonly at: number;
  /** Only keys behind this one, and with this prefix, are in it. */
  readonly after?: string | undefined;
  readonly prefix?: string | undefined;
}

export interface ExportTrailer {
  readonly count: number;
  readonly sha256: string;
}

/** An entry as a line tells it: without a version, for it gets a new one. Times that the line lacks are undefined. */
export interface ExportedEntry extends Pick<Entry, 'key' | 'value' | 'contentType' | 'expiresAt'> {
  readonly createdAt: number | undefined;
  readonly updatedAt: number | undefined;
}

export function headerLine({ project, at, after, prefix }: ExportHeader): string {
  return `${JSON.stringify({ format: FORMAT, version: FORMAT_VERSION, project, created_at: at / 1000, prefix, after })}\n`;
}

export function trailerLine({ count, sha256 }: ExportTrailer): string {
  return `${JSON.stringify({ count, sha256 })}\n`;
}

export function entryLine(entry: Entry): string {
  const { key, contentType, version, createdAt, updatedAt, expiresAt } = entry;
  const head = JSON.stringify({
    key,
    content_type: contentType,
    version: formatVersion(version),
    created_at: createdAt / 1000,
    updated_at: updatedAt / 1000,
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt / 1000 }),
  });
  return `${head.slice(0, -1)},${valueMember(entry.value)}}\n`;
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

/** What a line says. Throws `invalid` where it is none of an export. */
export type ExportLine =
  | { readonly kind: 'header'; readonly header: ExportHeader }
  | { readonly kind: 'entry'; readonly entry: ExportedEntry }
  | { readonly kind: 'trailer'; readonly trailer: ExportTrailer };

export function readExportLine(line: Buffer): ExportLine {
  if (!isUtf8(line)) throw wrong('is no UTF-8');
  if (!isJson(line, MAX_JSON_DEPTH + 1)) throw wrong('is no JSON, or nested too deep');
  const members = readOutline(outlineOf(line.toString(), VERBATIM), VERBATIM);
  if (!isObject(members)) throw wrong('is no JSON object');
  if (Object.hasOwn(members, 'key')) return { kind: 'entry', entry: entryOf(members) };
  if (Object.hasOwn(members, 'format')) return { kind: 'header', header: headerOf(members) };
  return { kind: 'trailer', trailer: trailerOf(members) };
}

type Members = Readonly<Record<string, unknown>>;

/** Members whose value is kept as it was written. */
const VERBATIM: ReadonlySet<string> = new Set(['json']);

function headerOf({ format, version, project, created_at, after, prefix }: Members): ExportHeader {
  if (format !== FORMAT) throw wrong(`has the format ${JSON.stringify(format)}, not "${FORMAT}"`);
  if (version !== FORMAT_VERSION) throw wrong(`is of version ${JSON.stringify(version)}; this is ${FORMAT_VERSION}`);
  return {
    project: typeof project === 'string' ? project : '',
    at: timeOf(created_at, 'created_at') ?? 0,
    after: optionalText(after, 'after'),
    prefix: optionalText(prefix, 'prefix'),
  };
}

function trailerOf({ count, sha256, ...others }: Members): ExportTrailer {
  if (!Number.isSafeInteger(count) || typeof sha256 !== 'string' || Object.keys(others).length > 0) {
    throw wrong('is neither an entry (it has no key) nor the trailer (with count and sha256)');
  }
  return { count: count as number, sha256 };
}

const ENTRY_MEMBERS = new Set(
  ['key', 'content_type', 'version', 'created_at', 'updated_at', 'expires_at'].concat('json', 'text', 'base64'),
);

function entryOf(members: Members): ExportedEntry {
  const unknown = Object.keys(members).find((name) => !ENTRY_MEMBERS.has(name));
  if (unknown !== undefined) throw wrong(`has the unknown member ${JSON.stringify(unknown)}`);
  const { key } = members;
  const problem = typeof key === 'string' ? keyProblem(key) : 'a key is a string';
  if (problem !== undefined) throw wrong(problem);
  const value = bytesOf(members);
  const expiresAt = timeOf(members.expires_at, 'expires_at');
  return {
    key: key as string,
    value,
    contentType: contentTypeOf(members.content_type, value),
    createdAt: timeOf(members.created_at, 'created_at'),
    updatedAt: timeOf(members.updated_at, 'updated_at'),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

function bytesOf(members: Members): Buffer {
  const given = ['json', 'text', 'base64'].filter((name) => Object.hasOwn(members, name));
  const member = members[given[0] ?? ''];
  const content = member instanceof JsonText ? member.text : member;
  if (given.length !== 1 || typeof content !== 'string') throw wrong('must have exactly one of json, text and base64');
  if (given[0] !== 'base64') {
    if (!content.isWellFormed()) throw wrong('holds a lone surrogate in its text');
    return Buffer.from(content);
  }
  const value = Buffer.from(content, 'base64');
  if (value.toString('base64') !== content) throw wrong('holds no base64 in its member base64');
  return value;
}

function contentTypeOf(given: unknown, value: Uint8Array): string {
  if (given === undefined) return DEFAULT_TYPES[formOf(value)];
  // What was stored is a header's content: visible characters, spaces and what lies beyond ASCII.
  if (
    typeof given === 'string' &&
    /^[^\x00-\x1f\x7f]+$/.test(given) &&
    Buffer.byteLength(given) <= MAX_CONTENT_TYPE_BYTES
  )
    return given;
  throw wrong('has a content_type that is none');
}

/** Seconds as ms. */
function timeOf(seconds: unknown, name: string): number | undefined {
  if (seconds === undefined) return undefined;
  const ms = typeof seconds === 'number' ? Math.round(seconds * 1000) : Number.NaN;
  if (ms >= 0 && ms <= MAX_EXPIRES_AT) return ms;
  throw wrong(`has a ${name} that is no time in seconds since 1970`);
}

function optionalText(value: unknown, name: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw wrong(`has a member ${name} that is no string`);
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(why: string): AppError {
  return new AppError('invalid', why);
}
