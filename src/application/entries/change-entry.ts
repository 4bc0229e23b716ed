import { inject, injectable } from 'tsyringe';
import { type Conditions, requireConditions, UNCONDITIONAL } from '../../domain/condition.js';
import { keyNotFound } from '../../domain/key.js';
import { apply, type Operation, type Outcome } from '../../domain/operation.js';
import { andThen } from '../awaitable.js';
import type { Keyspace } from '../keyspace/keyspace.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { conditionRequired } from './conditions.js';

/** Applies one operation to one entry, if the conditions hold at that moment. */
@injectable()
export class ChangeEntry {
  readonly #keyspaces: Keyspaces;

  constructor(@inject(Keyspaces) keyspaces: Keyspaces) {
    this.#keyspaces = keyspaces;
  }

  /** Says what was there before and what is after. */
  execute(project: string, operation: Operation, conditions: Conditions = UNCONDITIONAL): Promise<Outcome> {
    return Promise.resolve(andThen(this.#keyspaces.of(project), (keyspace) => change(keyspace, operation, conditions)));
  }
}

function change(keyspace: Keyspace, operation: Operation, conditions: Conditions): Promise<Outcome> {
  const { project, rules } = keyspace;
  if (rules.requireConditional && conditions.ifMatch === undefined && conditions.ifNoneMatch === undefined) {
    return Promise.reject(conditionRequired(project, 'If-Match or If-None-Match'));
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
