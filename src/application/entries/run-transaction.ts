import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import type { Entry } from '../../domain/entry.js';
import { AppError } from '../../domain/errors.js';
import { keyProblem } from '../../domain/key.js';
import { MAX_OPERATIONS } from '../../domain/limits.js';
import { isRead, type Operation, type OperationKind, type Outcome } from '../../domain/operation.js';
import { keysOf, netChanges, runTransaction, type Transaction } from '../../domain/transaction.js';
import { rules } from '../access/access-rules.js';
import { requireAccess, requireScopeOn, requireValidKey } from '../access/authorize.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import type { Decide } from '../keyspace/write.js';
import { ConditionRequiredError } from './conditions.js';
import { requireValidContentType } from './content-type.js';
import { SCOPE_OF } from './operation-scope.js';
import { requireReadsOld, type WriteResult, writeResult } from './write-result.js';

/** What one operation of a transaction did; `read` is the entry that a `get` or a `head` found. */
export interface OperationResult extends WriteResult {
  readonly read: Entry | undefined;
}

/** Runs several operations at one moment, or none of them. */
@injectable()
export class RunTransaction {
  constructor(@inject(Keyspaces) private readonly keyspaces: Pick<Keyspaces, 'of'>) {}

  /**
   * Returns the result of each operation, by position. Reads see the state before the writes, unless the transaction is
   * sequential. Each operation needs its own scope, and `read` if it is to return the entry before; a check needs
   * `read`, because it reveals whether an entry exists. Errors name the operation.
   */
  async execute(caller: Identity, project: string, transaction: Transaction): Promise<readonly OperationResult[]> {
    requireAccess(caller, rules.transaction, project);
    requireScopes(caller, transaction);
    requireValid(transaction);
    const keyspace = await this.keyspaces.of(project);
    const keys = keysOf(transaction);
    if (keys.length === 0) return [];
    if (keyspace.rules.requireConditional) requireChecks(project, transaction);
    const decide: Decide<readonly Outcome[]> = (entries, stamp) => {
      const result = runTransaction(transaction, keys, entries, stamp, project);
      return { result, ...netChanges(transaction, result) };
    };
    const writes = transaction.operations.filter(({ kind }) => !isRead(kind)).length;
    const outcomes = await keyspace.write(keys, decide, writes);
    return outcomes.map((outcome, i) => {
      const operation = transaction.operations[i] as Operation;
      const read = isRead(operation.kind) ? outcome.before : undefined;
      const { existed, before, after } = writeResult(operation, outcome, caller);
      return { read, existed, before, after };
    });
  }
}

function requireScopes(caller: Identity, { checks, operations }: Transaction): void {
  for (const { key } of checks) requireScopeOn(caller, 'read', key);
  for (const operation of operations) {
    requireScopeOn(caller, SCOPE_OF[operation.kind], operation.key);
    requireReadsOld(caller, operation);
  }
}

function requireValid({ checks, operations, sequential }: Transaction): void {
  if (operations.length > MAX_OPERATIONS || checks.length > MAX_OPERATIONS) {
    throw new AppError(
      'invalid',
      `a transaction has at most ${MAX_OPERATIONS} operations and ${MAX_OPERATIONS} checks`,
    );
  }
  for (const [i, { key }] of checks.entries()) requireValidKey(key, `checks[${i}].key`);
  const positions = new Map<string, number>();
  for (const [i, operation] of operations.entries()) {
    const { kind, key } = operation;
    if (keyProblem(key) !== undefined) requireValidKey(key, keyPath(i, kind));
    if ('contentType' in operation) requireValidContentType(operation.contentType);
    if (sequential) continue;
    const first = positions.get(key);
    if (first !== undefined) {
      const path = keyPath(i, kind);
      const message = `${path}: operations[${first}] has the same key; that is possible with "sequential": true`;
      throw new AppError('invalid', message, { details: { path } });
    }
    positions.set(key, i);
  }
}

function keyPath(position: number, kind: OperationKind): string {
  return `operations[${position}].${kind}.key`;
}

/** In a transaction a check of the key takes the place of a condition. */
function requireChecks(project: string, { checks, operations }: Transaction): void {
  const checked = new Set(checks.map(({ key }) => key));
  const unchecked = operations.findIndex(({ kind, key }) => !isRead(kind) && !checked.has(key));
  if (unchecked >= 0) throw new ConditionRequiredError(project, 'transaction', `operations[${unchecked}]`);
}
