import type { InteractiveTransaction } from '../../application/entries/interactive-transaction.js';
import type { Entry } from '../../domain/entry.js';
import type { EntryMeta } from '../../domain/json/entry-meta.js';
import type { Expiry } from '../../domain/operation.js';
import { DEFAULT_TYPES, formOf, isJsonType } from '../../domain/value.js';
import { RedisError } from './redis-error.js';

/** Stores bytes as a new value, with the content type that they suggest. */
export function putString(
  transaction: InteractiveTransaction,
  key: string,
  value: Uint8Array,
  { expiry = 'never', isConditional }: { readonly expiry?: Expiry; readonly isConditional?: boolean } = {},
): void {
  requireSize(transaction, value.length);
  transaction.apply({ kind: 'put', key, value, contentType: DEFAULT_TYPES[formOf(value)], expiry }, isConditional);
}

/** Replaces a part of a value: its expiry and metadata stay, and its content type if that can still be right. */
export function editString(
  transaction: InteractiveTransaction,
  key: string,
  before: Entry | undefined,
  value: Uint8Array,
): void {
  const contentType = before === undefined ? DEFAULT_TYPES[formOf(value)] : typeAfterEdit(before, value);
  transaction.apply({ kind: 'put', key, value, contentType, expiry: 'keep', meta: 'keep' });
}

/** Stores what another entry holds, with all that belongs to it. */
export function putCopy(transaction: InteractiveTransaction, key: string, source: Entry, isConditional: boolean): void {
  const { value, contentType, expiresAt, meta } = source;
  const expiry: Expiry = expiresAt === undefined ? 'never' : { at: expiresAt };
  transaction.apply(
    { kind: 'put', key, value, contentType, expiry, meta: meta as EntryMeta | undefined },
    isConditional,
  );
}

/** Throws if a value would be too large, before memory is taken for it. */
export function requireSize({ maxValueBytes }: InteractiveTransaction, bytes: number): void {
  if (bytes <= maxValueBytes) return;
  throw new RedisError(`string exceeds maximum allowed size (${maxValueBytes} bytes)`);
}

/** A content type that the bytes suggested follows them; one that a client named stays, unless it says JSON. */
function typeAfterEdit({ value, contentType }: Entry, after: Uint8Array): string {
  if (contentType !== DEFAULT_TYPES[formOf(value)] && !isJsonType(contentType)) return contentType;
  const form = formOf(after);
  return form === 'json' && isJsonType(contentType) ? contentType : DEFAULT_TYPES[form];
}
