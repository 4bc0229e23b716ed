import type { Entry } from './entry.js';
import { AppError } from './errors.js';
import { requirePatchMembers } from './json/merge-patch.js';
import { MAX_READ_BYTES } from './limits.js';
import { apply, type Operation, type OperationKind, type Outcome, type WriteStamp } from './operation.js';
import { formatVersion } from './version.js';

/** What must hold of a key before a transaction; version undefined: the key must not exist, '*': it must exist. */
export interface Check {
  readonly key: string;
  readonly version: number | undefined | '*';
}

/** Several operations on distinct keys that happen together or not at all. */
export interface Transaction {
  readonly checks: readonly Check[];
  readonly operations: readonly Operation[];
}

/** Operations that read the whole stored value. An increment is not one: it reads no value longer than `MAX_DIGITS`. */
const READS_VALUE: ReadonlySet<OperationKind> = new Set(['get', 'append', 'merge']);

/** Every key of a transaction once: first those of its operations, by position, then those that are only checked. */
export function keysOf({ checks, operations }: Transaction): readonly string[] {
  const keys = operations.map(({ key }) => key);
  return checks.length === 0 ? keys : [...new Set([...keys, ...checks.map(({ key }) => key)])];
}

/**
 * The outcome of each operation, by position. `keys` are those of `keysOf`, `current` the entries stored under them.
 * Throws `check_failed` with every check that does not hold, `too_large`, and the errors of `apply`, with the path of
 * the operation.
 */
export function runTransaction(
  { checks, operations }: Transaction,
  keys: readonly string[],
  current: readonly (Entry | undefined)[],
  stamp: WriteStamp,
  project: string,
): Outcome[] {
  requireChecks(checks, keys, current);
  requirePatchMembers(sumOf(operations.map((operation) => (operation.kind === 'merge' ? operation.patch.members : 0))));
  requireWithinReadLimit(
    sumOf(operations.map(({ kind }, i) => (READS_VALUE.has(kind) ? (current[i]?.value.length ?? 0) : 0))),
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

function requireChecks(
  checks: readonly Check[],
  keys: readonly string[],
  current: readonly (Entry | undefined)[],
): void {
  if (checks.length === 0) return;
  const versions = new Map(keys.map((key, i) => [key, current[i]?.version]));
  const failed = checks.flatMap(({ key, version }, index) => {
    const currentVersion = versions.get(key);
    if (version === '*' ? currentVersion !== undefined : currentVersion === version) return [];
    return [{ index, key, version: currentVersion === undefined ? null : formatVersion(currentVersion) }];
  });
  if (failed.length > 0) {
    const message = `${failed.length} of ${checks.length} checks do not hold; nothing was changed`;
    throw new AppError('check_failed', message, { details: { failed } });
  }
}

function requireWithinReadLimit(bytes: number): void {
  if (bytes <= MAX_READ_BYTES) return;
  const message =
    `The values to get, append to and patch have ${bytes} bytes together, ` +
    `at most ${MAX_READ_BYTES} are possible; nothing was changed`;
  throw new AppError('too_large', message, { details: { limit_bytes: MAX_READ_BYTES } });
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
