import { basename } from 'node:path';
import { lineMembers } from '../../../../domain/export/line-members.js';
import { skipSpace } from '../../../../domain/json/bytes.js';
import { CHARACTERS } from '../../../../domain/json/characters.js';
import { outlineOf, readOutline } from '../../../../domain/json/outline.js';
import { type Container, ElementScanner } from './json-elements.js';

const VALUE = new Set(['value']);
const MARK = Buffer.from('\uFEFF');

/** What shows the format of a file: its name and its beginning. */
export interface Sample {
  /** In lower case, without folder and `.gz`. */
  readonly name: string;
  readonly firstLine: string;
  /** The first line, if it is a JSON object. */
  readonly firstObject: Readonly<Record<string, unknown>> | undefined;
  /** What the file is if it is one JSON value. */
  readonly container: '[' | '{' | undefined;
  /** The first element of the array, or member of the object. */
  readonly firstElement: { readonly name: string | undefined; readonly value: unknown } | undefined;
}

/** `start` is the beginning of a file, decompressed. */
export function sampleOf(file: string, start: Buffer): Sample {
  const bytes = start.subarray(0, 3).equals(MARK) ? start.subarray(3) : start;
  const text = bytes.subarray(skipSpace(bytes, 0));
  const line = text.subarray(0, text.includes(10) ? text.indexOf(10) : text.length);
  const container = text[0] === CHARACTERS.OPEN_BRACE ? '{' : text[0] === CHARACTERS.OPEN_BRACKET ? '[' : undefined;
  return {
    name: basename(file).toLowerCase().replace(/\.gz$/, ''),
    firstLine: line.toString(),
    firstObject: attempt(() => lineMembers(line)),
    container,
    firstElement: container === undefined ? undefined : attempt(() => firstElementOf(text, container)),
  };
}

function firstElementOf(text: Buffer, container: Container): Sample['firstElement'] {
  const scanner = new ElementScanner(container, { python: true, maxDepth: Number.POSITIVE_INFINITY });
  for (const { name, value } of scanner.scan(text)) return { name, value: parsed(value.toString()) };
  return undefined;
}

/** Python's NaN may be in the value of an item. */
function parsed(text: string): unknown {
  return attempt(() => JSON.parse(text)) ?? attempt(() => readOutline(outlineOf(text, VALUE), VALUE));
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Whether a value is an object with all of these members. */
export function hasMembers(value: unknown, ...names: readonly string[]): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && names.every((name) => Object.hasOwn(value, name));
}
