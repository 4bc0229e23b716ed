import { parts } from '../key-value-store/many-entries.js';
import type { TransactionOperation } from '../key-value-store/transaction.js';
import type { Connection } from './http/connection.js';
import { PortkvError } from './http/portkv-error.js';
import { type PreparedOperation, prepared, runTransaction } from './transactions.js';

/** An operation with more text than this is sent on its own, because a transaction has at most 8 MiB. */
const LARGE = 2 * 1024 * 1024;

/**
 * Runs any number of puts, gets or deletes on distinct keys in as many transactions as they need. `alone` runs one that
 * is too large for a transaction. Returns the results by position.
 */
export async function runMany(
  connection: Connection,
  project: string,
  operations: readonly TransactionOperation<unknown>[],
  alone: (operation: TransactionOperation<unknown>) => Promise<unknown>,
): Promise<readonly unknown[]> {
  const run = async (part: readonly PreparedOperation[]): Promise<readonly unknown[]> => {
    const [first] = part as [PreparedOperation];
    if (part.length === 1 && first.text.length > LARGE) return [await alone(first.operation)];
    try {
      return await runTransaction(connection, project, part, []);
    } catch (error) {
      // The values that are read are too large together.
      if (!(error instanceof PortkvError && error.code === 'too_large' && 'get' in first.operation)) throw error;
      if (part.length === 1) return [await alone(first.operation)];
      const half = part.length >> 1;
      return [...(await run(part.slice(0, half))), ...(await run(part.slice(half)))];
    }
  };
  const results: unknown[] = [];
  for (const part of parts(operations, sizeOf)) {
    const [first] = part as [TransactionOperation<unknown>];
    if (sizeOf(first) > LARGE) results.push(await alone(first));
    else for (const some of parts(part.map(prepared), ({ text }) => text.length)) results.push(...(await run(some)));
  }
  return results;
}

/** The size of the value of a put, as far as it is known before it is encoded. */
function sizeOf(operation: TransactionOperation<unknown>): number {
  const value = 'put' in operation ? operation.put.value : undefined;
  return typeof value === 'string' || value instanceof Uint8Array ? value.length : 0;
}
