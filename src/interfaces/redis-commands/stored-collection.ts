import { isUtf8 } from 'node:buffer';
import type { InteractiveTransaction } from '../../application/entries/interactive-transaction.js';
import type { Entry } from '../../domain/entry.js';
import { RedisError } from './redis-error.js';
import { requireSize } from './stored-string.js';
import { CONTENT_TYPES, requireType } from './stored-type.js';

/** The fields of a hash and their values, for a caller that may read them; empty if there is no entry. */
export function readHash(transaction: InteractiveTransaction, key: string): Map<string, string> {
  return hashIn(requireType(transaction.get(key), 'hash'));
}

/** The members of a set, likewise. */
export function readSet(transaction: InteractiveTransaction, key: string): Set<string> {
  return setIn(requireType(transaction.get(key), 'set'));
}

/** Changes a hash; one without fields is no entry. Returns what `change` returns. */
export function changeHash<T>(
  transaction: InteractiveTransaction,
  key: string,
  change: (fields: Map<string, string>) => T,
): T {
  const before = requireType(transaction.before(key), 'hash');
  const fields = hashIn(before);
  const result = change(fields);
  const members = [...fields].map(([field, value]) => `${JSON.stringify(field)}:${JSON.stringify(value)}`);
  put(transaction, key, before, CONTENT_TYPES.hash, members.length === 0 ? undefined : `{${members.join(',')}}`);
  return result;
}

/** Changes a set, likewise. */
export function changeSet<T>(transaction: InteractiveTransaction, key: string, change: (members: Set<string>) => T): T {
  const before = requireType(transaction.before(key), 'set');
  const members = setIn(before);
  const result = change(members);
  put(transaction, key, before, CONTENT_TYPES.set, members.size === 0 ? undefined : JSON.stringify([...members]));
  return result;
}

/** A field, member or value, which JSON can hold only if it is UTF-8. */
export function textOf(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new RedisError('fields and members must be valid UTF-8');
  return bytes.toString();
}

function put(
  transaction: InteractiveTransaction,
  key: string,
  before: Entry | undefined,
  contentType: string,
  json: string | undefined,
): void {
  if (json === undefined) {
    if (before !== undefined) transaction.apply({ kind: 'delete', key });
    return;
  }
  const value = Buffer.from(json);
  if (before !== undefined && value.equals(before.value)) return;
  requireSize(transaction, value.length);
  transaction.apply({ kind: 'put', key, value, contentType, expiry: 'keep', meta: 'keep' });
}

function hashIn(entry: Entry | undefined): Map<string, string> {
  if (entry === undefined) return new Map();
  const object = parsed(entry);
  if (typeof object !== 'object' || object === null || Array.isArray(object)) throw damaged(entry, 'object');
  return new Map(Object.entries(object).map(([field, value]) => [field, asText(value)]));
}

function setIn(entry: Entry | undefined): Set<string> {
  if (entry === undefined) return new Set();
  const array = parsed(entry);
  if (!Array.isArray(array)) throw damaged(entry, 'array');
  return new Set(array.map(asText));
}

function parsed(entry: Entry): unknown {
  try {
    return JSON.parse(Buffer.from(entry.value.buffer, entry.value.byteOffset, entry.value.length).toString());
  } catch {
    throw damaged(entry, 'value');
  }
}

/** Other clients may have put other JSON there. */
function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function damaged({ contentType }: Entry, what: string): RedisError {
  return new RedisError(`the entry has the content type ${contentType}, but its value is no JSON ${what}`, 'WRONGTYPE');
}
