import { isUtf8 } from 'node:buffer';
import { AppError } from '../../domain/errors.js';
import { isJson } from '../../domain/json.js';
import { elementsOf, membersOf } from '../../domain/json-members.js';
import { MAX_JSON_DEPTH } from '../../domain/limits.js';

/** A part of a control body that is kept as it was written, digit for digit. */
export class JsonText {
  constructor(readonly text: string) {}
}

/** Reads a body that steers something. */
export function parseControl(body: Buffer): unknown {
  return JSON.parse(controlText(body));
}

/** The text of such a body, which is JSON and not too deep. With `around` it may hold values, which are as deep as others. */
export function controlText(body: Buffer, around = 0): string {
  // Undecodable bytes would silently become other characters, in keys too.
  const depth = MAX_JSON_DEPTH + around;
  if (!isUtf8(body) || !isJson(body, depth)) {
    const message = 'Request body must be valid JSON (Content-Type: application/json)';
    if (!isJson(body, Number.POSITIVE_INFINITY)) throw new AppError('invalid', message);
    throw new AppError('invalid', `${message}: it is nested deeper than ${depth} levels`, {
      details: { path: 'body' },
    });
  }
  return body.toString();
}

/**
 * Parses, but members whose name is in `verbatim` stay text. Only what may hold such a member is taken apart here: V8 parses ten
 * times faster. Each level of it takes its time, so the text should be known to have few.
 */
export function parseAround(text: string, verbatim: ReadonlySet<string>): unknown {
  return mayName(text, verbatim) ? taken(text, verbatim) : JSON.parse(text);
}

function taken(text: string, verbatim: ReadonlySet<string>): unknown {
  const members = membersOf(text);
  if (members === undefined)
    return elementsOf(text)?.map((element) => parseAround(element, verbatim)) ?? JSON.parse(text);
  const object: Record<string, unknown> = {};
  for (const member of members) {
    const value = verbatim.has(member.name) ? new JsonText(member.text) : parseAround(member.text, verbatim);
    // Assignment to __proto__ would set the prototype and hide the member from the check for unknown ones.
    Object.defineProperty(object, member.name, { value, enumerable: true, writable: true, configurable: true });
  }
  return object;
}

/** Whether one of the names may stand in the text; one that is written with an escape cannot be ruled out. */
export function mayName(text: string | Buffer, names: ReadonlySet<string>): boolean {
  if (text.includes('\\u')) return true;
  for (const name of names) if (text.includes(`"${name}"`)) return true;
  return false;
}

/** The value as an object; `invalid` for anything else. */
export function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonText)) {
    return value as Record<string, unknown>;
  }
  throw new AppError('invalid', 'Request body must be a JSON object');
}
