import { inject, injectable } from 'tsyringe';
import { type OperationResult, RunTransaction } from '../../../application/entries/run-transaction.js';
import type { WrittenEntry } from '../../../application/entries/write-result.js';
import { headOf } from '../../../domain/entry.js';
import { type Operation, returnsOld } from '../../../domain/operation.js';
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

function resultJson(operation: Operation, result: OperationResult, view?: ValueView): string {
  const { read, existed, before, after } = result;
  const old = returnsOld(operation) ? `,"old":${before === undefined ? 'null' : itemJson(before, view)}` : '';
  switch (operation.kind) {
    case 'get':
      return read === undefined ? 'null' : itemJson(read, view);
    case 'head':
      return read === undefined ? 'null' : metadataJson(headOf(read));
    case 'delete':
      return `{"existed":${existed}${old}}`;
    default: {
      const version = after === undefined ? 'null' : `"${formatVersion(after.version)}"`;
      return `{"version":${version}${operation.kind === 'increment' ? sumJson(after) : old}}`;
    }
  }
}

/** The further members of an increment's result, for a caller that may read. */
function sumJson(after: WrittenEntry | undefined): string {
  if (after?.value === undefined) return '';
  const sum = Buffer.from(after.value).toString();
  const expires = after.expiresAt === undefined ? '' : `,"expires_at":${after.expiresAt / 1000}`;
  return `,"value":${sum},"value_text":"${sum}"${expires}`;
}
