import type { Entry } from './entry.js';
import { AppError } from './errors.js';
import { formatVersion } from './version.js';

/** Versions that a client named, or `*` for any. */
export type VersionSet = '*' | readonly (number | undefined)[];

/** What must hold of an entry before it is read or written, as in RFC 9110, section 13.1. Dates in ms since 1970. */
export interface Conditions {
  readonly ifMatch?: VersionSet;
  readonly ifNoneMatch?: VersionSet;
  readonly ifUnmodifiedSince?: number;
  readonly ifModifiedSince?: number;
}

export const UNCONDITIONAL: Conditions = {};

/** The member of `conditions` that does not hold for the entry; undefined if all hold. */
export function failedCondition(conditions: Conditions, entry: Entry | undefined): keyof Conditions | undefined {
  const { ifMatch, ifNoneMatch, ifUnmodifiedSince, ifModifiedSince } = conditions;
  if (ifMatch !== undefined && !includes(ifMatch, entry)) return 'ifMatch';
  if (ifUnmodifiedSince !== undefined && entry !== undefined && isLater(entry, ifUnmodifiedSince)) {
    return 'ifUnmodifiedSince';
  }
  if (ifNoneMatch !== undefined && includes(ifNoneMatch, entry)) return 'ifNoneMatch';
  if (ifModifiedSince !== undefined && entry !== undefined && !isLater(entry, ifModifiedSince))
    return 'ifModifiedSince';
  return undefined;
}

/** A condition that does not hold, with the version that the entry has. */
export class ConditionFailedError extends AppError {
  constructor(
    readonly condition: keyof Conditions,
    /** What the entry is instead, as the end of a sentence. */
    readonly actual: string,
    version: string | null,
  ) {
    super('precondition_failed', `the condition ${condition} does not hold: ${actual}`, { details: { version } });
  }
}

/** Throws `ConditionFailedError` if a condition does not hold. */
export function requireConditions(conditions: Conditions, entry: Entry | undefined): void {
  const failed = failedCondition(conditions, entry);
  if (failed === undefined) return;
  const version = entry === undefined ? null : formatVersion(entry.version);
  const actual = version === null ? 'the key does not exist' : `its version is "${version}"`;
  throw new ConditionFailedError(failed, actual, version);
}

function includes(set: VersionSet, entry: Entry | undefined): boolean {
  if (entry === undefined) return false;
  return set === '*' || set.includes(entry.version);
}

/** Compares whole seconds: the dates of conditions have no fractions. */
function isLater({ updatedAt }: Entry, date: number): boolean {
  return Math.floor(updatedAt / 1000) * 1000 > date;
}
