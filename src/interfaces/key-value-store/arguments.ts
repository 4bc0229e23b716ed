import type { KeysOptions } from './key-value-store.js';
import type { Refuse } from './value-codec.js';

// What a program without types may pass, and what would then be taken for something else, or for nothing.

/** Throws `invalid` unless the bounds are text and the limit is a number of entries. */
export function requireRange({ prefix, start, after, end, limit }: KeysOptions, refuse: Refuse): void {
  if (start !== undefined && after !== undefined) throw refuse('invalid', 'give only one of start and after');
  for (const [name, bound] of Object.entries({ prefix, start, after, end })) {
    if (bound === undefined || (typeof bound === 'string' && bound.isWellFormed())) continue;
    throw refuse('invalid', `${name} must be well-formed Unicode, not ${typeof bound} ${JSON.stringify(bound)}`);
  }
  if (limit === undefined || limit === Number.POSITIVE_INFINITY || (Number.isInteger(limit) && limit >= 0)) return;
  throw refuse('invalid', `limit must be an integer from 0 on, not ${limit}`);
}

/** Throws `invalid` unless the operation is an object with one member: the others would be left out. */
export function requireOneKind(operation: object, refuse: Refuse): void {
  const kinds = typeof operation === 'object' && operation !== null ? Object.keys(operation) : [];
  if (kinds.length !== 1) throw refuse('invalid', `an operation has one member, not ${kinds.join(' and ') || 'none'}`);
}

/** Whether a write is to return the entry before. Throws `invalid` for another word than `old`. */
export function wantsOld({ return: wanted }: { readonly return?: 'old' | undefined }, refuse: Refuse): boolean {
  if (wanted === undefined || wanted === 'old') return wanted === 'old';
  throw refuse('invalid', `return must be old, not ${JSON.stringify(wanted)}`);
}

/** The time in ms since 1970. Throws `invalid` for what is no date. */
export function timeOf(expiresAt: Date, refuse: Refuse): number {
  if (typeof expiresAt?.getTime === 'function') return expiresAt.getTime();
  throw refuse('invalid', `expiresAt must be a Date, not ${JSON.stringify(expiresAt)}`);
}
