import { readFileSync } from 'node:fs';

/** The limit that is assumed if it is not known. */
const ASSUMED = 256;
/** Handles that are left to connections, and to files that are open for a moment. */
const RESERVED = 64;
/** What an open store may need: an lmdb environment has three handles. */
const PER_STORE = 4;
/** More need too much memory. */
const MOST = 1_000;

/** How many stores this process may have open at a time. */
export function maxOpenStores(handles = handleLimit()): number {
  return Math.max(1, Math.min(MOST, Math.floor((handles - RESERVED) / PER_STORE)));
}

/** How many handles this process may have open at a time. */
function handleLimit(): number {
  try {
    const [, limit] = /^Max open files +(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit ?? ASSUMED);
  } catch {
    return ASSUMED;
  }
}
