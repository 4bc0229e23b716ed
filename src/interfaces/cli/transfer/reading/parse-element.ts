import { isUtf8 } from 'node:buffer';
import { AppError } from '../../../../domain/errors.js';
import { skipJson, skipSpace, skipString } from '../../../../domain/json/bytes.js';
import { CHARACTERS } from '../../../../domain/json/characters.js';
import { jsonMistake } from '../../../../domain/json/mistake.js';

const LINE_FEED = 10;

/** An element of an array, or a member of an object. */
export interface JsonElement {
  /** The line of the file on which it begins, from 1. */
  readonly line: number;
  /** The name of a member. */
  readonly name: string | undefined;
  /** JSON text, without space around it. */
  readonly value: Buffer;
}

/** `python` also accepts NaN, Infinity and -Infinity. */
export interface ElementOptions {
  readonly python: boolean;
  readonly maxDepth: number;
}

/**
 * Parses what stands between two commas of an array or, for a member, of an object. `line` is that on which the text
 * begins. Throws `invalid`.
 */
export function parseElement(text: Buffer, line: number, isMember: boolean, options: ElementOptions): JsonElement {
  const start = skipSpace(text, 0);
  const nameEnd = isMember ? skipString(text, start) : start;
  const colon = nameEnd < 0 ? -1 : skipSpace(text, nameEnd);
  const isNamed = !isMember || (colon >= 0 && text[colon] === CHARACTERS.COLON);
  const from = isMember ? skipSpace(text, colon + 1) : start;
  const end = isNamed ? skipJson(text, from, options.maxDepth, options.python) : -1;
  if (end < 0 || skipSpace(text, end) < text.length || !isUtf8(text)) throw mistakeIn(text, line, isMember, options);
  return {
    line: line + lineFeeds(text, start),
    name: isMember ? (JSON.parse(text.toString('utf8', start, nameEnd)) as string) : undefined,
    value: text.subarray(from, end),
  };
}

/** The error for a file that is not JSON at a line. */
export function notJson(line: number, why: string): AppError {
  return new AppError('invalid', `Line ${line}: is not JSON: ${why}`, { details: { line } });
}

function mistakeIn(text: Buffer, line: number, isMember: boolean, { maxDepth, python }: ElementOptions): AppError {
  const before = isMember ? '{' : '';
  const whole = isMember ? Buffer.concat([Buffer.from(before), text, Buffer.from('}')]) : text;
  const found = jsonMistake(whole, maxDepth + before.length, python);
  const at = (found?.at ?? 0) - before.length;
  return notJson(line + lineFeeds(text, at), found?.why ?? 'a value is missing');
}

/** How many line feeds are before that position. */
function lineFeeds(bytes: Buffer, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0 && at < end; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1;
  return count;
}
