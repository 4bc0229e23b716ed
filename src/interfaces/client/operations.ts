import { requireOneKind, timeOf, wantsOld } from '../key-value-store/arguments.js';
import type { TransactionCheck, TransactionOperation } from '../key-value-store/transaction.js';
import { type EncodedValue, encodePart, encodeValue, toJson } from '../key-value-store/value-codec.js';
import type { ExpiryOptions, Meta, PutValue, WriteAs, WriteConditions } from '../key-value-store/values.js';
import { toBase64 } from './base64.js';
import { PortkvError } from './http/portkv-error.js';
import { headOf, type Item, instant, refuse, storedOf } from './items.js';
import { keyOf } from './paths.js';

/** A version that is never issued, in place of one that cannot be sent. */
const NO_VERSION = '0';
const VERSION = /^[0-9a-z]{1,11}$/;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** An operation of a transaction as JSON text. Throws `invalid`. */
export function operationJson(operation: TransactionOperation<unknown>): string {
  requireOneKind(operation, refuse);
  if ('put' in operation) {
    const { key, value, ...options } = operation.put;
    const encoded = encodeValue(value, options, refuse);
    const content = { ...contentOf(encoded), content_type: encoded.contentType };
    const more = { ...expiryOf(options), ...metaOf(options), ...oldOf(options) };
    return JSON.stringify({ put: { key: keyOf(key), ...content, ...more } });
  }
  if ('get' in operation) return JSON.stringify({ get: { key: keyOf(operation.get.key), as: 'base64' } });
  if ('head' in operation) return JSON.stringify({ head: { key: keyOf(operation.head.key) } });
  if ('delete' in operation) {
    return JSON.stringify({ delete: { key: keyOf(operation.delete.key), ...oldOf(operation.delete) } });
  }
  if ('increment' in operation) {
    const { key, by = 1, ...expiry } = operation.increment;
    const text = JSON.stringify({ key: keyOf(key), ...expiryOf(expiry) });
    return `{"increment":${text.slice(0, -1)},"by":${integerOf(by)}}}`;
  }
  if ('append' in operation) {
    const { key, value } = operation.append;
    return JSON.stringify({ append: { key: keyOf(key), ...contentOf(encodePart(value, refuse)) } });
  }
  if ('merge' in operation) {
    const { key, patch } = operation.merge;
    return `{"merge":{"key":${JSON.stringify(keyOf(key))},"json":${toJson(patch, refuse)}}}`;
  }
  if ('touch' in operation) {
    const { key, ttl } = operation.touch;
    return JSON.stringify({ touch: { key: keyOf(key), ...(ttl === null ? { ttl } : expiryOf({ ttl })) } });
  }
  throw refuse('invalid', `not an operation: ${Object.keys(operation).join(', ')}`);
}

/** What the caller gets to know of an operation. */
export function resultOf(operation: TransactionOperation<unknown>, result: unknown): unknown {
  if ('get' in operation) {
    const { key, as } = operation.get;
    return result === null ? undefined : storedOf(key, result as Item, as);
  }
  if ('head' in operation) return result === null ? undefined : headOf(operation.head.key, result as Item);
  const { existed, version, value_text, expires_at, old } = result as Result;
  if ('delete' in operation) return { existed, ...beforeOf(operation.delete, old) };
  if ('put' in operation) return { version, ...beforeOf(operation.put, old) };
  if (!('increment' in operation)) return { version };
  if (value_text === undefined) {
    throw new PortkvError('insufficient_scope', 'The sum was written; to see it, the API key needs the scope "read"');
  }
  const expires = expires_at === undefined ? {} : { expiresAt: instant(expires_at) };
  return { version, value: BigInt(value_text), ...expires };
}

/** What the server returns of a write. */
interface Result {
  readonly existed?: boolean;
  readonly version?: string;
  readonly value_text?: string;
  readonly expires_at?: number;
  readonly old?: Item | null;
}

interface MayReturnOld {
  readonly key: string;
  readonly return?: 'old' | undefined;
}

function beforeOf({ key, return: wanted }: MayReturnOld, old: Item | null | undefined): object {
  return wanted === 'old' ? { old: old ? storedOf(key, old, 'auto') : undefined } : {};
}

function oldOf(members: Pick<MayReturnOld, 'return'>): object {
  return wantsOld(members, refuse) ? { return: 'old', as: 'base64' } : {};
}

/** Whether two sent transactions would do the same as one, because a check fails once the operations have happened. */
export function isGuarded(
  operations: readonly TransactionOperation<unknown>[],
  checks: readonly TransactionCheck[],
): boolean {
  // In a sequence the last write of a key decides: after a delete the key is absent again.
  const written = new Map<string, string>();
  for (const operation of operations) {
    const [[kind, { key }]] = Object.entries(operation) as [[string, { key: string }]];
    if (!isRead(operation)) written.set(key, kind);
  }
  return checks.some((check) => !('exists' in check) && (written.get(check.key) ?? 'delete') !== 'delete');
}

export function isRead(operation: TransactionOperation<unknown>): boolean {
  return 'get' in operation || 'head' in operation;
}

export function checkJson(check: TransactionCheck): TransactionCheck {
  return 'version' in check ? { ...check, version: versionOf(check.version) } : check;
}

/** The conditions of one entry as checks of a transaction. */
export function checksOf(key: string, { ifVersion, ifAbsent }: WriteConditions): TransactionCheck[] {
  return [
    ...(ifVersion === undefined ? [] : [{ key, version: ifVersion }]),
    ...(ifAbsent ? [{ key, absent: true } as const] : []),
  ];
}

/** The conditions of one entry as headers. */
export function conditionHeaders({ ifVersion, ifAbsent }: WriteConditions): Record<string, string> {
  return {
    ...(ifVersion === undefined ? {} : { 'If-Match': `"${versionOf(ifVersion)}"` }),
    ...(ifAbsent ? { 'If-None-Match': '*' } : {}),
  };
}

/** The members or parameters for an expiry. Throws `invalid`. */
export function expiryOf({ ttl, expiresAt }: ExpiryOptions): { ttl?: number; expires_at?: number } {
  if (ttl !== undefined && expiresAt !== undefined) throw refuse('invalid', 'give only one of ttl and expiresAt');
  if (ttl !== undefined) {
    if (ttl > 0 && Number.isFinite(ttl)) return { ttl };
    throw refuse('invalid', `ttl must be a number of seconds above 0, not ${ttl}`);
  }
  if (expiresAt === undefined) return {};
  const seconds = timeOf(expiresAt, refuse) / 1000;
  if (seconds > 0) return { expires_at: seconds };
  throw refuse('invalid', `expiresAt must be after 1970, not ${expiresAt}`);
}

/** The members for metadata. Throws `invalid`. */
function metaOf({ meta, keepMeta }: PutValue<WriteAs>): { meta?: Meta; keep_meta?: true } {
  if (meta !== undefined && keepMeta) throw refuse('invalid', 'give only one of meta and keepMeta');
  if (meta !== undefined) return { meta };
  return keepMeta ? { keep_meta: true } : {};
}

/** The header for metadata: JSON in ASCII. Throws `invalid`. */
export function metaHeader(options: PutValue<WriteAs>): Record<string, string> {
  const { meta } = metaOf(options);
  if (meta === undefined) return {};
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return { 'KV-Meta': toJson(meta, refuse).replaceAll(/[^ -~]/g, escaped) };
}

function versionOf(version: string): string {
  return VERSION.test(version) ? version : NO_VERSION;
}

function integerOf(by: number | bigint): bigint {
  if (typeof by === 'bigint' || Number.isSafeInteger(by)) return BigInt(by);
  throw refuse('invalid', `by must be an integer, not ${by}`);
}

/** In the shorter form: most text is shorter than its base64, unless it is full of characters that JSON escapes. */
function contentOf({ value }: EncodedValue): { text: string } | { base64: string } {
  try {
    const text = decoder.decode(value);
    if (JSON.stringify(text).length <= value.length * 1.3 + 2) return { text };
  } catch {
    // It is no text.
  }
  return { base64: toBase64(value) };
}
