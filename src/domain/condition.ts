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

const HEADERS = {
  ifMatch: 'If-Match',
  ifUnmodifiedSince: 'If-Unmodified-Since',
  ifNoneMatch: 'If-None-Match',
  ifModifiedSince: 'If-Modified-Since',
};

/** Throws `precondition_failed`, with the current version, if a condition does not hold. */
export function requireConditions(conditions: Conditions, entry: Entry | undefined): void {
  const failed = failedCondition(conditions, entry);
  if (failed === undefined) return;
  const current = entry === undefined ? 'the key does not exist' : `its version is "${formatVersion(entry.version)}"`;
  throw new AppError('precondition_failed', `${HEADERS[failed]} does not hold: ${current}`, {
    details: { version: entry === undefined ? null : formatVersion(entry.version) },
  });
}

function includes(set: VersionSet, entry: Entry | undefined): boolean {
  if (entry === undefined) return false;
  return set === '*' || set.includes(entry.version);
}

/** Compares whole seconds: the dates of conditions have no fractions. */
function isLater({ updatedAt }: Entry, date: number): boolean {
  return Math.floor(updatedAt / 1000) * 1000 > date;
}
