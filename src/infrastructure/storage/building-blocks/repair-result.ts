import type { Entry } from '../../../domain/entry.js';

/** Why an entry is not what was stored, although it can be read; undefined where nothing is wrong or it cannot be told. */
export type EntryCheck = (entry: Entry) => string | undefined;

/** What a repair made of the files of a store. */
export interface RepairResult {
  readonly entries: number;
  /** What could not be read: bytes of a file, with the key where that can be told, a line of a journal, or a file. */
  readonly lost: readonly string[];
  /** Where the damaged files are now, as they were. */
  readonly kept: readonly string[];
}

/** Where something damaged is kept. */
export function keptPath(path: string): string {
  return `${path}.damaged-${new Date().toISOString().replaceAll(':', '-')}`;
}
