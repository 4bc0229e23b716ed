import { inject, injectable } from 'tsyringe';
import type { Identity } from '../../domain/api-key.js';
import { type Conditions, requireConditions, UNCONDITIONAL } from '../../domain/condition.js';
import { keyNotFound } from '../../domain/key.js';
import { apply, isRead, type Operation, type Outcome } from '../../domain/operation.js';
import { rules } from '../access/access-rules.js';
import { requireAccess, requireValidKey } from '../access/authorize.js';
import { type Awaitable, andThen } from '../awaitable.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { ConditionRequiredError } from './conditions.js';
import { requireValidContentType } from './content-type.js';
import { requireReadsOld, type WriteResult, writeResult } from './write-result.js';

/** Applies one operation to one entry, if the conditions hold at that moment. */
@injectable()
export class ChangeEntry {
  constructor(@inject(Keyspaces) private readonly keyspaces: Keyspaces) {}

  /**
   * Synchronous if the engine is. Throws or rejects with `precondition_failed` if a condition does not hold, with
   * `not_found` for a delete or merge of a missing entry, with `insufficient_scope` if it is to return the entry before
   * to a caller that may not read.
   */
  execute(
    caller: Identity,
    project: string,
    operation: Operation,
    conditions: Conditions = UNCONDITIONAL,
  ): Awaitable<WriteResult> {
    const { key, kind } = operation;
    requireAccess(caller, kind === 'delete' ? rules.remove : isRead(kind) ? rules.read : rules.write, project, {
      key,
    });
    requireReadsOld(caller, operation);
    requireValidKey(key);
    if ('contentType' in operation) requireValidContentType(operation.contentType);
    const outcome = andThen(this.keyspaces.of(project), (keyspace) => change(keyspace, operation, conditions));
    return andThen(outcome, (known) => writeResult(operation, known, caller));
  }
}

function change(keyspace: Keyspace, operation: Operation, conditions: Conditions): Awaitable<Outcome> {
  const { project, rules: limits } = keyspace;
  if (limits.requireConditional && conditions.ifMatch === undefined && conditions.ifNoneMatch === undefined) {
    throw new ConditionRequiredError(project, 'entry');
  }
  return keyspace.write([operation.key], ([before], stamp) => {
    if (before === undefined && operation.kind === 'delete') throw keyNotFound(operation.key, project);
    requireConditions(conditions, before);
    const outcome = apply(operation, before, stamp, project);
    if (outcome.after === before) return { result: outcome };
    return outcome.after === undefined
      ? { result: outcome, remove: [operation.key] }
      : { result: outcome, put: [outcome.after] };
  });
}
