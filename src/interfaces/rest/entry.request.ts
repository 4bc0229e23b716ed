import { AppError } from '../../domain/errors.js';
import type { Expiry } from '../../domain/operation.js';
import { JsonText, parseControl } from './control-json.js';
import { ttlOf } from './value-expiry.js';

const VERBATIM: ReadonlySet<string> = new Set(['by']);

/** `{"by": integer}`; an integer of any size, 1 where the body is empty. */
export function readIncrement(body: Buffer): { by: bigint } {
  if (body.length === 0) return { by: 1n };
  const { by, ...unknown } = objectOf(parseControl(body, VERBATIM));
  refuseUnknown(unknown, 'by');
  if (by === undefined) return { by: 1n };
  return { by: integerOf((by as JsonText).text, 'by') };
}

/** An integer as a JSON text, of up to 1,000 digits. */
export function integerOf(text: string, path: string): bigint {
  if (!/^-?[0-9]{1,1000}$/.test(text)) {
    throw new AppError('invalid', `${path}: ${text.slice(0, 100)} is no integer`, { details: { path } });
  }
  return BigInt(text);
}

/** `{"ttl": seconds}` or `{"ttl": null}` for never. */
export function readTouch(body: Buffer): Expiry {
  const { ttl, ...unknown } = objectOf(parseControl(body));
  refuseUnknown(unknown, 'ttl');
  return ttlMember(ttl, 'ttl');
}

/** A `ttl` member as it stands in a control body; null removes the expiry. */
export function ttlMember(ttl: unknown, path: string): Expiry {
  if (ttl === null) return 'never';
  if (typeof ttl === 'number' && ttl > 0) return ttlOf(ttl, path);
  const sent =
    ttl === undefined ? 'is missing' : `${JSON.stringify(ttl).slice(0, 100)} is no number of seconds above 0`;
  throw new AppError('invalid', `${path}: ${sent}`, { details: { path } });
}

/** The body as an object; `invalid` for anything else. */
export function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonText)) {
    return value as Record<string, unknown>;
  }
  throw new AppError('invalid', 'Request body must be a JSON object');
}

function refuseUnknown(rest: object, known: string): void {
  const [name] = Object.keys(rest);
  if (name !== undefined)
    throw new AppError('invalid', `${name}: unknown member; known here: ${known}`, { details: { path: name } });
}
