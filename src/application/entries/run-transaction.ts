import { inject, injectable } from 'tsyringe';
import type { Entry } from '../../domain/entry.js';
import type { Outcome } from '../../domain/operation.js';
import { keysOf, runTransaction, type Transaction } from '../../domain/transaction.js';
import { Keyspaces } from '../keyspace/keyspaces.js';
import { conditionRequired } from './conditions.js';

/** Runs several operations at one moment, or none of them. */
@injectable()
export class RunTransaction {
  readonly #keyspaces: Keyspaces;

  constructor(@inject(Keyspaces) keyspaces: Keyspaces) {
    this.#keyspaces = keyspaces;
  }

  /** The outcome of each operation, by position. Reads see the state before the writes. */
  async execute(project: string, transaction: Transaction): Promise<Outcome[]> {
    const keyspace = await this.#keyspaces.of(project);
    const keys = keysOf(transaction);
    if (keys.length === 0) return [];
    if (keyspace.rules.requireConditional) requireChecks(project, transaction);
    return keyspace.write(keys, (entries, stamp) => {
      const outcomes = runTransaction(transaction, keys, entries, stamp, project);
      const put: Entry[] = [];
      const remove: string[] = [];
      for (const { before, after } of outcomes) {
        if (after === before) continue;
        if (after !== undefined) put.push(after);
        else if (before !== undefined) remove.push(before.key);
      }
      return { result: outcomes, put, remove };
    });
  }
}

/** A check is to a key of a transaction what If-Match and If-None-Match are to a single one. */
function requireChecks(project: string, { checks, operations }: Transaction): void {
  const checked = new Set(checks.map(({ key }) => key));
  const unchecked = operations.findIndex(({ kind, key }) => kind !== 'get' && !checked.has(key));
  if (unchecked >= 0) throw conditionRequired(project, 'a check of its key', `operations[${unchecked}]`);
}
