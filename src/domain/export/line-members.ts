import { isUtf8 } from 'node:buffer';
import { AppError } from '../errors.js';
import { isJson } from '../json/bytes.js';
import { jsonMistake } from '../json/mistake.js';
import { outlineOf, readOutline } from '../json/outline.js';
import { placeOfByte } from '../json/place.js';
import { MAX_EXPIRES_AT, MAX_JSON_DEPTH } from '../limits.js';

/** The members of a line. */
export type LineMembers = Readonly<Record<string, unknown>>;

/** Members whose value is kept as it is written. */
const VERBATIM: ReadonlySet<string> = new Set(['json', 'meta']);

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

/** The time in ms. */
export function timeMember(seconds: unknown, name: string): number | undefined {
  if (seconds === undefined) return undefined;
  const ms = typeof seconds === 'number' ? Math.round(seconds * 1000) : Number.NaN;
  if (ms >= 0 && ms <= MAX_EXPIRES_AT) return ms;
  throw invalidLine(`has a ${name} that is not a time in seconds since 1970`);
}

export function textMember(value: unknown, name: string): string | undefined {
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

export function invalidLine(why: string): AppError {
  return new AppError('invalid', why);
}
