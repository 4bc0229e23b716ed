import type { Entry } from './entry.js';
import { AppError } from './errors.js';
import { requireFew } from './json/merge-patch.js';
import { MAX_READ_BYTES } from './limits.js';
import { apply, type Operation, type OperationKind, type Outcome, type WriteStamp } from './operation.js';
import { formatVersion } from './version.js';

/** What must hold of a key before any of a transaction happens; version undefined: the key must not exist, '*': it must. */
export interface Check {
  readonly key: string;
  readonly version: number | undefined | '*';
}

/** Several operations on distinct keys that happen at one moment, or not at all. */
export interface Transaction {
  readonly checks: readonly Check[];
  readonly operations: readonly Operation[];
}

/** What makes its outcome from the value that is there. Of an increment's, more than some digits are not looked at. */
const NEEDS_VALUE: ReadonlySet<OperationKind> = new Set(['get', 'append', 'merge']);

/** Every key that the transaction reads or writes, once: those of its operations, by position, then those that are only checked. */
export function keysOf({ checks, operations }: Transaction): readonly string[] {
  const keys = operations.map(({ key }) => key);
  return checks.length === 0 ? keys : [...new Set([...keys, ...checks.map(({ key }) => key)])];
}

/**
 * The outcome of each operation, by position; `check_failed` naming every check that does not hold. `current` is what stands under
 * `keys`, which are those of the transaction.
 */
export function runTransaction(
  { checks, operations }: Transaction,
  keys: readonly string[],
  current: readonly (Entry | undefined)[],
  stamp: WriteStamp,
  project: string,
): Outcome[] {
  requireChecked(checks, keys, current);
  requireFew(sumOf(operations.map((operation) => (operation.kind === 'merge' ? operation.patch.members : 0))));
  requireReadable(
    sumOf(operations.map(({ kind }, i) => (NEEDS_VALUE.has(kind) ? (current[i]?.value.length ?? 0) : 0))),
  );
  return operations.map((operation, i) => {
    try {
      return apply(operation, current[i], stamp, project);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const details = { ...error.details, path: `operations[${i}].${operation.kind}` };
      throw new AppError(error.code, `operations[${i}].${operation.kind}: ${error.message}`, { details });
    }
  });
}

function requireChecked(
  checks: readonly Check[],
  keys: readonly string[],
  current: readonly (Entry | undefined)[],
): void {
  if (checks.length === 0) return;
  const versions = new Map(keys.map((key, i) => [key, current[i]?.version]));
  const failed = checks.flatMap(({ key, version }, index) => {
    const present = versions.get(key);
    if (version === '*' ? present !== undefined : present === version) return [];
    return [{ index, key, version: present === undefined ? null : formatVersion(present) }];
  });
  if (failed.length > 0) {
    const message = `${failed.length} of ${checks.length} checks do not hold; nothing was changed`;
    throw new AppError('check_failed', message, { details: { failed } });
  }
}

function requireReadable(bytes: number): void {
  if (bytes <= MAX_READ_BYTES) return;
  const message = `The values to get, append to and patch have ${bytes} bytes together, at most ${MAX_READ_BYTES} are possible; nothing was changed`;
  throw new AppError('too_large', message, { details: { limit_bytes: MAX_READ_BYTES } });
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
