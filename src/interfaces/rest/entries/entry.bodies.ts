import { IsNumber, IsPositive } from 'class-validator';
import { AppError } from '../../../domain/errors.js';
import type { JsonText } from '../../../domain/json/outline.js';
import { MAX_DIGITS } from '../../../domain/limits.js';
import type { Expiry } from '../../../domain/operation.js';
import { bodySchema } from '../openapi/body-schema.js';
import { Described, Optional } from '../request/body-rules.js';
import { classBodyReader } from '../request/class-body-reader.js';
import { expiryOfMembers, ttlOf } from './expiry-parameters.js';

const validateIf = (_: object, value: unknown): boolean => value !== null;

/** What to add to an integer, and when the entry expires if this creates it. */
class IncrementBody {
  @Described('An integer of any size; 1 if it is left out.')
  @Optional()
  by?: JsonText;

  @Described('Seconds from now until an entry that this creates expires; one that exists keeps its expiry.')
  @IsPositive({ message: 'must be > 0' })
  @IsNumber({}, { message: 'must be number' })
  @Optional()
  ttl?: number;

  @Described('When an entry that this creates expires, in seconds since 1970.')
  @IsPositive({ message: 'must be > 0' })
  @IsNumber({}, { message: 'must be number' })
  @Optional()
  expires_at?: number;
}

/** The time until an entry expires. */
class TouchBody {
  @Described('Seconds from now until the entry expires; null for never.', { type: ['number', 'null'] })
  @IsPositive({ message: 'must be > 0', validateIf })
  @IsNumber({}, { message: 'must be number,null', validateIf })
  ttl!: number | null;
}

export const incrementSchema = bodySchema(IncrementBody);
export const touchSchema = bodySchema(TouchBody);

const incrementOf = classBodyReader(IncrementBody, new Set(['by']));
const touchOf = classBodyReader(TouchBody);

/** `{"by": integer, "ttl": seconds}`; 1 if the body is empty or has no `by`. */
export function readIncrement(body: Buffer): { readonly by: bigint; readonly expiry: Expiry } {
  if (body.length === 0) return { by: 1n, expiry: 'never' };
  const { by, ...expiry } = incrementOf(body);
  return { by: by === undefined ? 1n : integerOf(by.text, 'by'), expiry: expiryOfMembers(expiry) };
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
  const { ttl } = touchOf(body);
  return ttl === null ? 'never' : ttlOf(ttl, 'ttl');
}
