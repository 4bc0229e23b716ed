import type { Identity, Scope } from '../../domain/api-key.js';
import type { Operation } from '../../domain/operation.js';
import type { Transaction } from '../../domain/transaction.js';
import { requireKey } from './authorize.js';

const SCOPE_OF: Readonly<Record<Operation['kind'], Scope>> = {
  get: 'read',
  put: 'write',
  increment: 'write',
  append: 'write',
  merge: 'write',
  touch: 'write',
  delete: 'delete',
};

/**
 * Throws `insufficient_scope` unless the identity may do every part of the transaction: each operation needs its own scope, a check
 * needs `read`, for it tells what is there, and every key has to lie within the identity's prefix.
 */
export function requireTransaction(identity: Identity, { checks, operations }: Transaction): void {
  for (const { key } of checks) requireKey(identity, 'read', key);
  for (const { kind, key } of operations) requireKey(identity, SCOPE_OF[kind], key);
}
