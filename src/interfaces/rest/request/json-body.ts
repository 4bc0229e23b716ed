import { isUtf8 } from 'node:buffer';
import { AppError } from '../../../domain/errors.js';
import { isJson } from '../../../domain/json/bytes.js';
import { type Outline, outlineOf } from '../../../domain/json/outline.js';
import { MAX_JSON_DEPTH } from '../../../domain/limits.js';

/**
 * The levels around a value that stays text, as in `{"operations": [{"put": {"json": …`; they do not count as its own.
 */
const LEVELS_AROUND = 4;

/**
 * The most objects of a body, not counting values that stay text: more would fill the memory, and no valid body has as
 * many.
 */
const MAX_OBJECTS = 10_000;

/** Parses a control body, which has instructions and not a value. Throws `invalid`. */
export function parseJsonBody(body: Buffer): unknown {
  return JSON.parse(jsonBodyText(body));
}

/** The text of a control body. Throws `invalid` unless it is JSON of at most `MAX_JSON_DEPTH` + `around` levels. */
export function jsonBodyText(body: Buffer, around = 0): string {
  refuseByteOrderMark(body);
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
 * The outline of a control body, without the values of the members in `verbatim`, which may be nested as deep as other
 * values. Throws `invalid` as `jsonBodyText` does, and if the body has too many objects.
 */
export function jsonBodyOutline(body: Buffer, verbatim: ReadonlySet<string>): Outline {
  const outline = outlineOf(jsonBodyText(body, verbatim.size === 0 ? 0 : LEVELS_AROUND), verbatim);
  if (outline.objects <= MAX_OBJECTS) return outline;
  throw new AppError('invalid', `body: has more than ${MAX_OBJECTS} objects`, { details: { path: 'body' } });
}

/** The value as an object. Throws `invalid` for anything else. */
export function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new AppError('invalid', 'Request body must be a JSON object');
}

function refuseByteOrderMark(body: Buffer): void {
  if (body[0] !== 0xef || body[1] !== 0xbb || body[2] !== 0xbf) return;
  throw new AppError('invalid', 'Request body must be valid JSON: it begins with a byte order mark');
}
