import type { Entry } from './entry.js';
import { AppError } from './errors.js';
import { formatVersion } from './version.js';

/** Versions that a client named, or `*` for any. */
export type VersionSet = '*' | readonly (number | undefined)[];

/** What must hold of an entry before it is read or written (RFC 9110, If-Match and If-None-Match). */
export interface Conditions {
  readonly ifMatch?: VersionSet;
  readonly ifNoneMatch?: VersionSet;
}

export const UNCONDITIONAL: Conditions = {};

/** The member of `conditions` that does not hold for the entry, or undefined when all hold. */
export function failedCondition(conditions: Conditions, entry: Entry | undefined): keyof Conditions | undefined {
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifMatch !== undefined && !includes(ifMatch, entry)) return 'ifMatch';
  if (ifNoneMatch !== undefined && includes(ifNoneMatch, entry)) return 'ifNoneMatch';
  return undefined;
}

/** Throws `precondition_failed`, telling the present version, when a condition does not hold. */
export function requireConditions(conditions: Conditions, entry: Entry | undefined): void {
  const failed = failedCondition(conditions, entry);
  if (failed === undefined) return;
  const header = failed === 'ifMatch' ? 'If-Match' : 'If-None-Match';
  const present = entry === undefined ? 'the key does not exist' : `its version is "${formatVersion(entry.version)}"`;
  throw new AppError('precondition_failed', `${header} does not hold: ${present}`, {
    details: { version: entry === undefined ? null : formatVersion(entry.version) },
  });
}

function includes(set: VersionSet, entry: Entry | undefined): boolean {
  if (entry === undefined) return false;
  return set === '*' || set.includes(entry.version);
}
