import type { TransactionCheck, TransactionOperation, TransactionOptions } from '../key-value-store/transaction.js';
import type { WriteConditions } from '../key-value-store/values.js';
import type { Connection } from './http/connection.js';
import { PortkvError } from './http/portkv-error.js';
import { dataOf } from './http/response.js';
import { checkJson, checksOf, isGuarded, isRead, operationJson, resultOf } from './operations.js';

const MAX_OPERATIONS = 1000;

/** An operation and its JSON text. */
export interface PreparedOperation {
  readonly operation: TransactionOperation<unknown>;
  readonly text: string;
}

export function prepared(operation: TransactionOperation<unknown>): PreparedOperation {
  return { operation, text: operationJson(operation) };
}

/** Runs a transaction and returns its results by position. `project` is the path of the project. */
export async function runTransaction(
  connection: Connection,
  project: string,
  operations: readonly PreparedOperation[],
  checks: readonly TransactionCheck[],
  { sequential }: TransactionOptions = {},
): Promise<readonly unknown[]> {
  if (operations.length > MAX_OPERATIONS || checks.length > MAX_OPERATIONS) {
    const message = `a transaction has at most ${MAX_OPERATIONS} operations and ${MAX_OPERATIONS} checks`;
    throw new PortkvError('invalid', message);
  }
  const [all, texts] = [operations.map(({ operation }) => operation), operations.map(({ text }) => text)];
  const order = sequential ? ',"sequential":true' : '';
  const response = await connection.send({
    method: 'POST',
    path: `${project}/transactions`,
    headers: { 'Content-Type': 'application/json' },
    body: `{"checks":${JSON.stringify(checks.map(checkJson))},"operations":[${texts}]${order}}`,
    repeat: all.every(isRead) ? 'safe' : isGuarded(all, checks) ? 'conditional' : undefined,
  });
  const { results } = dataOf(response) as { results: readonly unknown[] };
  return all.map((operation, i) => resultOf(operation, results[i]));
}

/** Runs one operation with the conditions and the errors of a single write. */
export async function runOne(
  connection: Connection,
  project: string,
  operation: TransactionOperation<unknown>,
  conditions: WriteConditions = {},
): Promise<unknown> {
  const [{ key }] = Object.values(operation) as [{ key: string }];
  try {
    const [result] = await runTransaction(connection, project, [prepared(operation)], checksOf(key, conditions));
    return result;
  } catch (error) {
    throw error instanceof PortkvError ? ofOneOperation(error, key) : error;
  }
}

/** The error as if the operation had been sent alone. */
function ofOneOperation(error: PortkvError, key: string): PortkvError {
  const { code, status, begun, retryAfter, cause } = error;
  const more = { status, begun, retryAfter, cause };
  if (code === 'check_failed') {
    const [{ version } = { version: null }] = error.details.failed as { version: string | null }[];
    const actual = version === null ? 'it does not exist' : `its version is "${version}"`;
    return new PortkvError('precondition_failed', `the condition on key '${key}' does not hold: ${actual}`, {
      ...more,
      details: { version },
    });
  }
  const { path: _, ...details } = error.details;
  return new PortkvError(code, error.message.replace(/operations\[0\]\.\w+(\.key)?: /, ''), { ...more, details });
}
