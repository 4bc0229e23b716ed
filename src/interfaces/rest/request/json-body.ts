import { isUtf8 } from 'node:buffer';
import { AppError } from '../../../domain/errors.js';
import { isJson } from '../../../domain/json/bytes.js';
import { describeMistake, jsonMistake } from '../../../domain/json/mistake.js';
import { hasNone, type Outline, outlineOf } from '../../../domain/json/outline.js';
import { MAX_JSON_DEPTH } from '../../../domain/limits.js';

/**
 * The levels around a value that stays text, as in `{"operations": [{"put": {"json": …`; they do not count as its own.
 */
const LEVELS_AROUND = 4;

const MARK = Buffer.from('\uFEFF');

/**
 * The most objects of a body, not counting values that stay text: more would fill the memory, and no valid body has as
 * many.
 */
const MAX_OBJECTS = 10_000;

const NO_JSON = 'Request body must be valid JSON (Content-Type: application/json)';

/**
 * Parses the settings of a project. Throws `invalid`: in Simple-PyKV's words for a body of one line, whose place is in
 * the details then.
 */
export function parseJsonBody(body: Buffer): unknown {
  try {
    return JSON.parse(jsonBodyText(body));
  } catch (error) {
    if (!(error instanceof AppError) || error.details?.place === undefined || body.includes('\n')) throw error;
    throw new AppError('invalid', NO_JSON, { details: error.details, cause: error });
  }
}

/** The text of a control body. Throws `invalid` unless it is JSON of at most `MAX_JSON_DEPTH` + `around` levels. */
export function jsonBodyText(body: Buffer, around = 0): string {
  refuseByteOrderMark(body);
  // Undecodable bytes would silently become other characters, in keys too.
  const depth = MAX_JSON_DEPTH + around;
  if (isUtf8(body) && isJson(body, depth)) return body.toString();
  if (body.subarray(0, MARK.length).equals(MARK)) {
    throw new AppError('invalid', `${NO_JSON}: it begins with a byte order mark, which JSON must not have`);
  }
  const mistake = jsonMistake(body, depth);
  if (mistake === undefined || body.length === 0) throw new AppError('invalid', NO_JSON);
  const { text, place } = describeMistake(body, mistake);
  throw new AppError('invalid', `${NO_JSON}: ${text}`, { details: { path: 'body', place } });
}

/**
 * The outline of a control body, without the values of the members in `verbatim`, which may be nested as deep as other
 * values. Throws `invalid` as `jsonBodyText` does, and if the body has too many objects.
 */
export function jsonBodyOutline(body: Buffer, verbatim: ReadonlySet<string>): Omit<Outline, 'objects'> {
  const text = jsonBodyText(body, verbatim.size === 0 ? 0 : LEVELS_AROUND);
  // An object has two characters at least.
  if (text.length <= 2 * MAX_OBJECTS && hasNone(text, verbatim)) return { text, values: [] };
  const outline = outlineOf(text, verbatim);
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
