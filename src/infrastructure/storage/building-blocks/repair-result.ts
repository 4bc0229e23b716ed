import type { Entry } from '../../../domain/entry.js';

/** Why a readable entry is not what was stored; undefined if nothing is wrong with it, or if that cannot be known. */
export type EntryCheck = (entry: Entry) => string | undefined;

/** What a repair made of the files of a store. */
export interface RepairResult {
  /** How many could be read. */
  readonly entries: number;
  /** What could not be read: bytes of a file, with the key if that is known, a line of a journal, or a file. */
  readonly lost: readonly string[];
  /** The paths of the damaged files, which are kept as they were. */
  readonly kept: readonly string[];
}

/** The path under which a damaged file or folder is kept. */
export function keptPath(path: string): string {
  return `${path}.damaged-${new Date().toISOString().replaceAll(':', '-')}`;
}
