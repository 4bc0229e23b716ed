import type { Credential } from '../../../domain/api-key.js';

/** When a key was used last, in ms since 1970; undefined if never. The access check sets it with one assignment. */
export interface LastUse {
  at: number | undefined;
}

/** The last use of every key. Kept across restarts; up to a minute is missing if the process dies. */
export interface KeyUsage {
  of(credential: Credential): LastUse;
}
export const KeyUsage = Symbol('KeyUsage');
