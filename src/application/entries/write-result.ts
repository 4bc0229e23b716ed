import type { Identity } from '../../domain/api-key.js';
import type { Entry } from '../../domain/entry.js';
import { type Operation, type Outcome, returnsOld } from '../../domain/operation.js';
import { requireScope } from '../access/authorize.js';

/** An entry as it was written; without its value and metadata if the caller may not read. */
export interface WrittenEntry extends Omit<Entry, 'value' | 'expiresAt' | 'meta'> {
  readonly expiresAt: number | undefined;
  readonly value: Uint8Array | undefined;
  readonly meta: string | undefined;
  /** The size of the value. */
  readonly sizeBytes: number;
}

/** What a write did to one entry, as far as its caller may know. */
export interface WriteResult {
  /** Whether there was an entry before. */
  readonly existed: boolean;
  /** The entry before, if the operation is to return it. */
  readonly before: Entry | undefined;
  /** Undefined if it was removed. */
  readonly after: WrittenEntry | undefined;
}

/** Throws `insufficient_scope` if an operation is to return the entry before to a caller that may not read. */
export function requireReadsOld(caller: Identity, operation: Operation): void {
  if (returnsOld(operation)) requireScope(caller, 'read');
}

/** A key that may write but not read must not learn a value by writing to it. */
export function writeResult(operation: Operation, { before, after }: Outcome, caller: Identity): WriteResult {
  return {
    existed: before !== undefined,
    before: returnsOld(operation) ? before : undefined,
    after: after && writtenEntry(after, caller),
  };
}

function writtenEntry(entry: Entry, { scopes }: Identity): WrittenEntry {
  // Each member by name: to spread entries of several shapes took 2 µs, a fifth of the processor time of a PUT.
  const { key, contentType, version, createdAt, updatedAt, expiresAt } = entry;
  const readable = scopes.includes('read');
  const value = readable ? entry.value : undefined;
  const meta = readable ? entry.meta : undefined;
  return { key, value, contentType, version, createdAt, updatedAt, expiresAt, meta, sizeBytes: entry.value.length };
}
