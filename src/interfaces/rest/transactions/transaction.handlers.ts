import { inject, injectable } from 'tsyringe';
import { type OperationResult, RunTransaction } from '../../../application/entries/run-transaction.js';
import { headOf } from '../../../domain/entry.js';
import type { Operation } from '../../../domain/operation.js';
import type { ValueView } from '../../../domain/value.js';
import { formatVersion } from '../../../domain/version.js';
import { projectOf } from '../request/path-values.js';
import { itemJson, metadataJson } from '../response/envelope.js';
import type { Reply } from '../response/reply.js';
import type { ApiRequest } from '../routing/route.js';
import { readTransaction } from './transaction.body.js';

/** Several entries at once. */
@injectable()
export class TransactionHandlers {
  constructor(@inject(RunTransaction) private readonly runTransaction: RunTransaction) {}

  readonly run = async (request: ApiRequest): Promise<Reply> => {
    const { transaction, views } = readTransaction(request.body);
    const all = await this.runTransaction.execute(request.caller, projectOf(request), transaction);
    const results = all.map((result, i) => resultJson(transaction.operations[i] as Operation, result, views[i]));
    const data = `{"committed":true,"results":[${results.join(',')}]}`;
    return { status: 200, data, message: 'Transaction committed' };
  };
}

/** An increment shows its sum if the caller may read. */
function resultJson(operation: Operation, { read, existed, after }: OperationResult, view?: ValueView): string {
  switch (operation.kind) {
    case 'get':
      return read === undefined ? 'null' : itemJson(read, view);
    case 'head':
      return read === undefined ? 'null' : metadataJson(headOf(read));
    case 'delete':
      return `{"existed":${existed}}`;
    default: {
      const version = after === undefined ? 'null' : `"${formatVersion(after.version)}"`;
      const sum = operation.kind === 'increment' ? after?.value : undefined;
      const value = sum === undefined ? '' : `,"value":${Buffer.from(sum)}`;
      return `{"version":${version}${value}}`;
    }
  }
}
