import { AppError } from '../../../domain/errors.js';
import type { JsonText } from '../../../domain/json/outline.js';
import { MAX_DIGITS } from '../../../domain/limits.js';
import type { Expiry } from '../../../domain/operation.js';
import { bodyReader } from '../request/body-reader.js';
import { ttlOf } from './expiry-parameters.js';

const increment = bodyReader<{ by?: JsonText }>(
  {
    type: 'object',
    properties: { by: { description: 'An integer of any size; 1 where it is left out.' } },
    additionalProperties: false,
  },
  new Set(['by']),
);

const touch = bodyReader<{ ttl: number | null }>({
  type: 'object',
  properties: {
    ttl: {
      type: ['number', 'null'],
      exclusiveMinimum: 0,
      description: 'Seconds from now until the entry expires; null for never.',
    },
  },
  required: ['ttl'],
  additionalProperties: false,
});

export const incrementSchema = increment.schema;
export const touchSchema = touch.schema;

/** `{"by": integer}`; 1 where the body is empty or names none. */
export function readIncrement(body: Buffer): bigint {
  if (body.length === 0) return 1n;
  const { by } = increment.read(body);
  return by === undefined ? 1n : integerOf(by.text, 'by');
}

/** An integer as a JSON text. */
export function integerOf(text: string, path: string): bigint {
  if (!/^-?[0-9]+$/.test(text) || text.length > MAX_DIGITS) {
    throw new AppError('invalid', `${path}: ${text.slice(0, 100)} is no integer of at most ${MAX_DIGITS} digits`, {
      details: { path },
    });
  }
  return BigInt(text);
}

/** `{"ttl": seconds}` or `{"ttl": null}` for never. */
export function readTouch(body: Buffer): Expiry {
  const { ttl } = touch.read(body);
  return ttl === null ? 'never' : ttlOf(ttl, 'ttl');
}
