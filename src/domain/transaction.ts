import { type Entry, isLive } from './entry.js';
import { AppError } from './errors.js';
import { requirePatchMembers } from './json/merge-patch.js';
import { MAX_READ_BYTES } from './limits.js';
import { apply, type Operation, type OperationKind, type Outcome, returnsOld, type WriteStamp } from './operation.js';
import { formatVersion } from './version.js';

/** What must hold of a key before a transaction; version undefined: the key must not exist, '*': it must exist. */
export interface Check {
  readonly key: string;
  readonly version: number | undefined | '*';
}

/** Several operations that happen together or not at all, on distinct keys unless it is sequential. */
export interface Transaction {
  readonly checks: readonly Check[];
  readonly operations: readonly Operation[];
  /** Whether each operation sees what those before it did, instead of the state before the transaction. */
  readonly sequential?: boolean | undefined;
}

/** Operations that read the whole stored value. An increment is not one: it reads no value longer than `MAX_DIGITS`. */
const READS_VALUE: ReadonlySet<OperationKind> = new Set(['get', 'append', 'merge']);

/** How many bytes of the stored value an operation reads. */
function bytesRead(operation: Operation, before: Entry | undefined): number {
  return READS_VALUE.has(operation.kind) || returnsOld(operation) ? (before?.value.length ?? 0) : 0;
}

/** Every key of a transaction once: first those of its operations, by position, then those that are only checked. */
export function keysOf({ checks, operations, sequential }: Transaction): readonly string[] {
  const keys = operations.map(({ key }) => key);
  return checks.length === 0 && !sequential ? keys : [...new Set([...keys, ...checks.map(({ key }) => key)])];
}

/**
 * The outcome of each operation, by position. `keys` are those of `keysOf`, `current` the entries stored under them.
 * Throws `check_failed` with every check that does not hold, `too_large`, and the errors of `apply`, with the path of
 * the operation.
 */
export function runTransaction(
  { checks, operations, sequential }: Transaction,
  keys: readonly string[],
  current: readonly (Entry | undefined)[],
  stamp: WriteStamp,
  project: string,
): Outcome[] {
  requireChecks(checks, keys, current);
  requirePatchMembers(sumOf(operations.map((operation) => (operation.kind === 'merge' ? operation.patch.members : 0))));
  const state = sequential ? new Map(keys.map((key, i) => [key, current[i]])) : undefined;
  let bytes = 0;
  return operations.map((operation, i) => {
    const before = state === undefined ? current[i] : liveEntry(state.get(operation.key), stamp.now);
    bytes += bytesRead(operation, before);
    requireWithinReadLimit(bytes);
    const outcome = applyAt(i, operation, before, stamp, project);
    if (outcome.after !== before) state?.set(operation.key, outcome.after);
    return outcome;
  });
}

/** What the operations of a transaction change in the end: the entries to put, in the order of versions, and keys. */
export function netChanges(
  { operations, sequential }: Transaction,
  outcomes: readonly Outcome[],
): { put: readonly Entry[]; remove: readonly string[] } {
  if (!sequential) return writesOf(outcomes);
  const changed = new Map<string, Outcome>();
  for (let i = 0; i < outcomes.length; i++) {
    const { before, after } = outcomes[i] as Outcome;
    if (after === before) continue;
    const { key } = operations[i] as Operation;
    const earlier = changed.get(key);
    // A key that is written again moves to the end, as its version does.
    if (earlier !== undefined) changed.delete(key);
    changed.set(key, { before: earlier === undefined ? before : earlier.before, after });
  }
  return writesOf(changed.values());
}

/** What the outcomes change; each is of another key. */
function writesOf(outcomes: Iterable<Outcome>): { put: readonly Entry[]; remove: readonly string[] } {
  const put: Entry[] = [];
  const remove: string[] = [];
  for (const { before, after } of outcomes) {
    if (after === before) continue;
    if (after !== undefined) put.push(after);
    else if (before !== undefined) remove.push(before.key);
  }
  return { put, remove };
}

/** Only a sequence can meet an entry that has expired already: one that it wrote itself. */
function liveEntry(entry: Entry | undefined, now: number): Entry | undefined {
  return entry !== undefined && isLive(entry, now) ? entry : undefined;
}

/** Applies the operation at this position, which errors name. */
function applyAt(
  position: number,
  operation: Operation,
  before: Entry | undefined,
  stamp: WriteStamp,
  project: string,
): Outcome {
  try {
    return apply(operation, before, stamp, project);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const path = `operations[${position}].${operation.kind}`;
    throw new AppError(error.code, `${path}: ${error.message}`, { details: { ...error.details, path } });
  }
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
    `The values to get, return, append to and patch have more than ${MAX_READ_BYTES} bytes together; ` +
    'nothing was changed';
  throw new AppError('too_large', message, { details: { limit_bytes: MAX_READ_BYTES } });
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
