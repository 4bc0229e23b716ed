import type { Entry } from '../../domain/entry.js';

/** A hash over an entry's key, version, expiry, content type and value: an unsigned integer of 128 bits. */
export type EntryHash = (entry: Entry) => bigint;
export const EntryHash = Symbol('EntryHash');
