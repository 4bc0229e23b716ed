import type { OperationResult } from '../../application/entries/run-transaction.js';
import type { WriteResult } from '../../application/entries/write-result.js';
import type { Conditions } from '../../domain/condition.js';
import { headOf } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import { type EntryMeta, entryMeta } from '../../domain/json/entry-meta.js';
import { patchOf } from '../../domain/json/merge-patch.js';
import type { Expiry, Operation } from '../../domain/operation.js';
import type { Check } from '../../domain/transaction.js';
import { formatVersion, parseVersion } from '../../domain/version.js';
import { requireOneKind, timeOf, wantsOld } from '../key-value-store/arguments.js';
import type { TransactionCheck, TransactionOperation } from '../key-value-store/transaction.js';
import { encodePart, encodeValue, toJson } from '../key-value-store/value-codec.js';
import type { ExpiryOptions, PutValue, WriteAs, WriteConditions } from '../key-value-store/values.js';
import { refuse, toHead, toStored } from './stored.js';

/** The operation of the domain that the caller describes. Throws `invalid`. */
export function toOperation(operation: TransactionOperation<unknown>): Operation {
  requireOneKind(operation, refuse);
  if ('put' in operation) {
    const { key, value, ...options } = operation.put;
    return {
      kind: 'put',
      key,
      ...encodeValue(value, options, refuse),
      expiry: toExpiry(options),
      meta: toMeta(options),
      returnOld: wantsOld(options, refuse),
    };
  }
  if ('get' in operation) return { kind: 'get', key: operation.get.key };
  if ('head' in operation) return { kind: 'get', key: operation.head.key };
  if ('delete' in operation) {
    return { kind: 'delete', key: operation.delete.key, returnOld: wantsOld(operation.delete, refuse) };
  }
  if ('increment' in operation) {
    const { key, by = 1, ...options } = operation.increment;
    return { kind: 'increment', key, by: toInteger(by), expiry: toExpiry(options) };
  }
  if ('append' in operation) {
    const { key, value } = operation.append;
    return { kind: 'append', key, ...encodePart(value, refuse) };
  }
  if ('merge' in operation) {
    const { key, patch } = operation.merge;
    return { kind: 'merge', key, patch: patchOf(toJson(patch, refuse)) };
  }
  if ('touch' in operation) {
    const { key, ttl } = operation.touch;
    return { kind: 'touch', key, expiry: ttl === null ? 'never' : toTtl(ttl) };
  }
  throw new AppError('invalid', `not an operation: ${Object.keys(operation).join(', ')}`);
}

/** What the caller gets to know of an operation of a transaction. */
export function toResult(operation: TransactionOperation<unknown>, result: OperationResult): unknown {
  const { read } = result;
  if ('get' in operation) return read && toStored(read, operation.get.as);
  if ('head' in operation) return read && toHead(headOf(read));
  return toWritten(operation, result);
}

/** What the caller gets to know of a write. */
export function toWritten(operation: TransactionOperation<unknown>, result: WriteResult): unknown {
  const { existed, after } = result;
  if ('delete' in operation) return { existed, ...toOld(operation.delete, result) };
  const version = after && formatVersion(after.version);
  if ('put' in operation) return { version, ...toOld(operation.put, result) };
  if (!('increment' in operation)) return { version };
  const expires = after?.expiresAt === undefined ? {} : { expiresAt: new Date(after.expiresAt) };
  return { version, value: toSum(after?.value), ...expires };
}

function toOld(members: { readonly return?: 'old' | undefined }, { before }: WriteResult): object {
  return members.return === 'old' ? { old: before && toStored(before, 'auto') } : {};
}

/** The version that a write left. */
export function versionOf({ after }: WriteResult): string {
  return formatVersion(after?.version as number);
}

export function toSum(value: Uint8Array | undefined): bigint {
  return BigInt(Buffer.from(value ?? []).toString());
}

export function toCheck(check: TransactionCheck): Check {
  const { key } = check;
  // A version that cannot be one of ours matches none: 0 is never issued.
  if ('version' in check) return { key, version: parseVersion(check.version) ?? 0 };
  return 'absent' in check ? { key, version: undefined } : { key, version: '*' as const };
}

export function toConditions({ ifVersion, ifAbsent }: WriteConditions): Conditions {
  return {
    ...(ifVersion === undefined ? {} : { ifMatch: [parseVersion(ifVersion)] }),
    ...(ifAbsent ? { ifNoneMatch: '*' as const } : {}),
  };
}

function toExpiry({ ttl, expiresAt }: ExpiryOptions): Expiry {
  if (ttl !== undefined && expiresAt !== undefined) {
    throw new AppError('invalid', 'give only one of ttl and expiresAt');
  }
  if (ttl !== undefined) return toTtl(ttl);
  return expiresAt === undefined ? 'never' : { at: timeOf(expiresAt, refuse) };
}

function toMeta({ meta, keepMeta }: PutValue<WriteAs>): EntryMeta | 'keep' | undefined {
  if (meta === undefined) return keepMeta ? 'keep' : undefined;
  if (keepMeta) throw new AppError('invalid', 'give only one of meta and keepMeta');
  return entryMeta(toJson(meta, refuse), 'meta');
}

function toTtl(ttl: number): Expiry {
  if (!(ttl > 0 && Number.isFinite(ttl)))
    throw new AppError('invalid', `ttl must be a number of seconds above 0, not ${ttl}`);
  return { ttl: Math.max(1, Math.round(ttl * 1000)) };
}

function toInteger(by: number | bigint): bigint {
  if (typeof by === 'bigint' || Number.isSafeInteger(by)) return BigInt(by);
  throw new AppError('invalid', `by must be an integer, not ${by}`);
}
