import type { Entry } from './entry.js';
import { AppError } from './errors.js';
import { MAX_READ_BYTES } from './limits.js';
import { apply, type Operation, type Outcome, type Stamp } from './operation.js';
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

/** Every key that the transaction reads or writes, once. */
export function keysOf({ checks, operations }: Transaction): string[] {
  return [...new Set([...checks.map(({ key }) => key), ...operations.map(({ key }) => key)])];
}

/** The outcome of each operation, by position; `check_failed` naming every check that does not hold. */
export function runTransaction(
  { checks, operations }: Transaction,
  current: ReadonlyMap<string, Entry | undefined>,
  stamp: Stamp,
  project: string,
): Outcome[] {
  const failed = checks.flatMap(({ key, version }, index) => {
    const present = current.get(key)?.version;
    if (version === '*' ? present !== undefined : present === version) return [];
    return [{ index, key, version: present === undefined ? null : formatVersion(present) }];
  });
  if (failed.length > 0) {
    const message = `${failed.length} of ${checks.length} checks do not hold; nothing was changed`;
    throw new AppError('check_failed', message, { details: { failed } });
  }
  requireReadable(operations.map(({ kind, key }) => (kind === 'get' ? (current.get(key)?.value.length ?? 0) : 0)));
  return operations.map((operation, i) => {
    try {
      return apply(operation, current.get(operation.key), stamp, project);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const details = { ...error.details, path: `operations[${i}].${operation.kind}` };
      throw new AppError(error.code, `operations[${i}].${operation.kind}: ${error.message}`, { details });
    }
  });
}

function requireReadable(lengths: readonly number[]): void {
  const bytes = lengths.reduce((sum, length) => sum + length, 0);
  if (bytes <= MAX_READ_BYTES) return;
  const message = `The values to get have ${bytes} bytes together, at most ${MAX_READ_BYTES} are possible; nothing was changed`;
  throw new AppError('too_large', message, { details: { limit_bytes: MAX_READ_BYTES } });
}
