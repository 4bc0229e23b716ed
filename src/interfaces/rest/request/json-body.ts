import { isUtf8 } from 'node:buffer';
import { AppError } from '../../../domain/errors.js';
import { isJson } from '../../../domain/json/bytes.js';
import { MAX_JSON_DEPTH } from '../../../domain/limits.js';

/** Reads a body that steers something. */
export function parseJsonBody(body: Buffer): unknown {
  return JSON.parse(jsonBodyText(body));
}

/** The text of such a body, which is JSON and not too deep. With `around` it may hold values, which are as deep as others. */
export function jsonBodyText(body: Buffer, around = 0): string {
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

/** The value as an object; `invalid` for anything else. */
export function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new AppError('invalid', 'Request body must be a JSON object');
}
