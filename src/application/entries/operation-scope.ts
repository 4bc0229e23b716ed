import type { Scope } from '../../domain/api-key.js';
import type { OperationKind } from '../../domain/operation.js';

/** The scope that each kind of operation needs. */
export const SCOPE_OF: Readonly<Record<OperationKind, Scope>> = {
  get: 'read',
  head: 'read',
  put: 'write',
  increment: 'write',
  append: 'write',
  merge: 'write',
  touch: 'write',
  delete: 'delete',
};
