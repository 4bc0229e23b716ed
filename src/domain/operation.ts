import { type Entry, entryOf } from './entry.js';
import { AppError } from './errors.js';
import type { EntryMeta } from './json/entry-meta.js';
import { mergePatch, type Patch } from './json/merge-patch.js';
import { keyNotFound } from './key.js';
import { MAX_DIGITS, MAX_EXPIRES_AT } from './limits.js';
import { formOf } from './value.js';

/** When an entry expires: never, as before, after a duration (ms) or at an instant (ms since 1970). */
export type Expiry = 'never' | 'keep' | { readonly ttl: number } | { readonly at: number };

/** Of an operation that can return the entry as it was before. */
interface ReturnsOld {
  readonly returnOld?: boolean | undefined;
}

/** One operation on one entry, alone or in a transaction. */
export type Operation =
  | { readonly kind: 'get' | 'head'; readonly key: string }
  | ({ readonly kind: 'delete'; readonly key: string } & ReturnsOld)
  | ({
      readonly kind: 'put';
      readonly key: string;
      readonly value: Uint8Array;
      readonly contentType: string;
      readonly expiry: Expiry;
      /** Undefined removes what the entry has. */
      readonly meta?: EntryMeta | 'keep' | undefined;
    } & ReturnsOld)
  | {
      readonly kind: 'increment';
      readonly key: string;
      readonly by: bigint;
      /** Of an entry that it creates, never by default; one that exists keeps its own. */
      readonly expiry?: Expiry;
    }
  | { readonly kind: 'append'; readonly key: string; readonly value: Uint8Array; readonly contentType: string }
  | { readonly kind: 'merge'; readonly key: string; readonly patch: Patch }
  | { readonly kind: 'touch'; readonly key: string; readonly expiry: Expiry };

export type OperationKind = Operation['kind'];

/** Whether an operation only reads. */
export function isRead(kind: OperationKind): boolean {
  return kind === 'get' || kind === 'head';
}

/** Whether an operation is to return the entry as it was before. */
export function returnsOld(operation: Operation): boolean {
  return 'returnOld' in operation && operation.returnOld === true;
}

/** The time of a write (ms since 1970) and the source of its versions. */
export interface WriteStamp {
  readonly now: number;
  version(): number;
}

/** The entry before and after the operation; the same object if nothing changed. */
export interface Outcome {
  readonly before: Entry | undefined;
  readonly after: Entry | undefined;
}

const JSON_TYPE = 'application/json';

/**
 * What an operation does to an entry of a project. Pure, except that it takes a version from `stamp`.
 * Throws `not_found`, `unprocessable`, and `invalid` for an expiry that is out of range.
 */
export function apply(operation: Operation, before: Entry | undefined, stamp: WriteStamp, project: string): Outcome {
  switch (operation.kind) {
    case 'get':
    case 'head':
      return { before, after: before };
    case 'delete':
      return { before, after: undefined };
    case 'put': {
      const { key, value, contentType, expiry, meta } = operation;
      return writeEntry(key, before, stamp, value, contentType, expiry, meta === 'keep' ? before?.meta : meta);
    }
    case 'increment': {
      const value = Buffer.from(String(integerOf(before) + operation.by));
      const expiry = before === undefined ? (operation.expiry ?? 'never') : 'keep';
      return writeEntry(operation.key, before, stamp, value, before?.contentType ?? JSON_TYPE, expiry, before?.meta);
    }
    case 'append': {
      const value = before === undefined ? operation.value : Buffer.concat([before.value, operation.value]);
      const contentType = before?.contentType ?? operation.contentType;
      return writeEntry(operation.key, before, stamp, value, contentType, 'keep', before?.meta);
    }
    case 'merge': {
      const value = Buffer.from(mergePatch(jsonOf(requireEntry(operation, before, project)), operation.patch));
      return writeEntry(operation.key, before, stamp, value, jsonTypeOf(before), 'keep', before?.meta);
    }
    case 'touch': {
      const { value, contentType, meta } = requireEntry(operation, before, project);
      return writeEntry(operation.key, before, stamp, value, contentType, operation.expiry, meta);
    }
  }
}

function writeEntry(
  key: string,
  before: Entry | undefined,
  stamp: WriteStamp,
  value: Uint8Array,
  contentType: string,
  expiry: Expiry,
  meta: string | undefined,
): Outcome {
  const { now } = stamp;
  const expiresAt = expiryInstant(expiry, before, now);
  const after = entryOf({
    key,
    value,
    contentType,
    version: stamp.version(),
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
    expiresAt,
    meta,
  });
  return { before, after };
}

function expiryInstant(expiry: Expiry, before: Entry | undefined, now: number): number | undefined {
  if (expiry === 'never') return undefined;
  if (expiry === 'keep') return before?.expiresAt;
  const at = Math.round('ttl' in expiry ? now + expiry.ttl : expiry.at);
  if (at > 0 && at <= MAX_EXPIRES_AT) return at;
  throw new AppError('invalid', `the expiry must be after 1970 and not after the year 9999; ${at} ms is not`);
}

function requireEntry({ key }: Operation, before: Entry | undefined, project: string): Entry {
  if (before === undefined) throw keyNotFound(key, project);
  return before;
}

function integerOf(entry: Entry | undefined): bigint {
  if (entry === undefined) return 0n;
  const text = entry.value.length > MAX_DIGITS ? '' : Buffer.from(entry.value).toString('latin1');
  if (!/^[ \t\r\n]*-?(0|[1-9][0-9]*)[ \t\r\n]*$/.test(text)) {
    throw new AppError(
      'unprocessable',
      `The value of key '${entry.key}' is not an integer of at most ${MAX_DIGITS} digits`,
    );
  }
  return BigInt(text);
}

function jsonOf(entry: Entry): string {
  if (formOf(entry.value) !== 'json') {
    throw new AppError(
      'unprocessable',
      `The value of key '${entry.key}' is not JSON, so no merge patch can be applied to it`,
    );
  }
  return Buffer.from(entry.value).toString();
}

function jsonTypeOf(entry: Entry | undefined): string {
  return entry !== undefined && /[/+]json\b/.test(entry.contentType) ? entry.contentType : JSON_TYPE;
}
