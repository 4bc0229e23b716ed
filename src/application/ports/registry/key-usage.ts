import type { Credential } from '../../../domain/api-key.js';

/** When a key was used last, in ms since 1970; undefined: never. Whoever lets the key in sets it: it costs no more than that. */
export interface LastUse {
  at: number | undefined;
}

/** The last use of every key. Kept over restarts, up to a minute late where the process dies. */
export interface KeyUsage {
  of(credential: Credential): LastUse;
}
export const KeyUsage = Symbol('KeyUses');
