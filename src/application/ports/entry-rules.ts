import type { Entry } from '../../domain/entry.js';

/** What a project demands of its entries, compiled from its settings. */
export interface EntryRules {
  /** The most bytes a request body with a value may have. */
  readonly maxValueBytes: number;
  /** Whether a write must name the version it replaces. */
  readonly requireConditional: boolean;
  /** Throws the error that tells which limit the entry breaks, its value and what was sent. */
  check(entry: Entry): void;
}
