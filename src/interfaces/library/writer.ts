import type { ChangeEntry } from '../../application/entries/change-entry.js';
import type { RemoveEntries } from '../../application/entries/remove-entries.js';
import type { OperationResult, RunTransaction } from '../../application/entries/run-transaction.js';
import type { WriteResult } from '../../application/entries/write-result.js';
import type { Identity } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import { isRead, type Operation } from '../../domain/operation.js';
import type { Transaction } from '../../domain/transaction.js';
import { parts } from '../key-value-store/many-entries.js';
import type { TransactionOperation } from '../key-value-store/transaction.js';
import type { WriteConditions } from '../key-value-store/values.js';
import { toConditions, toOperation } from './operations.js';

export interface WriteUseCases {
  readonly changeEntry: ChangeEntry;
  readonly removeEntries: RemoveEntries;
  readonly runTransaction: RunTransaction;
}

/** Writes to one project, unless it was opened for reading only: then it rejects with `forbidden`. */
export class Writer {
  constructor(
    private readonly caller: Identity,
    private readonly project: string,
    private readonly useCases: WriteUseCases,
    private readonly readOnly: boolean,
  ) {}

  /** Changes one entry. */
  async change(operation: TransactionOperation<unknown>, conditions: WriteConditions): Promise<WriteResult> {
    this.#requireWritable();
    const changed = toOperation(operation);
    return this.useCases.changeEntry.execute(this.caller, this.project, changed, toConditions(conditions));
  }

  /** The same; undefined if the entry does not exist. */
  async changeExisting(
    operation: TransactionOperation<unknown>,
    conditions: WriteConditions,
  ): Promise<WriteResult | undefined> {
    try {
      return await this.change(operation, conditions);
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return undefined;
      throw error;
    }
  }

  /** Removes all entries with a prefix, and returns how many. */
  async removeAll(prefix: string): Promise<number> {
    this.#requireWritable();
    const { count = 0 } = await this.useCases.removeEntries.execute(this.caller, this.project, { prefix });
    return count;
  }

  /** Operations may also be reads, which are allowed if nothing else is. */
  async run(transaction: Transaction): Promise<readonly OperationResult[]> {
    if (transaction.operations.some(({ kind }) => !isRead(kind))) this.#requireWritable();
    return this.useCases.runTransaction.execute(this.caller, this.project, transaction);
  }

  /** Runs any number of operations on distinct keys, in as many transactions as they need. */
  async runInParts(operations: readonly Operation[]): Promise<readonly OperationResult[]> {
    const results: OperationResult[] = [];
    for (const part of parts(operations, (operation) => ('value' in operation ? operation.value.length : 0))) {
      results.push(...(await this.run({ operations: part, checks: [] })));
    }
    return results;
  }

  #requireWritable(): void {
    if (this.readOnly) throw new AppError('forbidden', 'the store was opened with readOnly');
  }
}
