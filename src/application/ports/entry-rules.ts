import type { Entry } from '../../domain/entry.js';

/** How much a project may hold; infinity if there is no limit. */
export interface Quota {
  readonly maxKeys: number;
  /** Of all keys, values and metadata together, as `Store.size` counts them. */
  readonly maxTotalBytes: number;
  /** Whether clients must not learn how much it holds. */
  readonly hidden?: boolean;
}

/** What a project demands of its entries, compiled from its settings. */
export interface EntryRules extends Quota {
  /** The most bytes a request body with a value may have. */
  readonly maxValueBytes: number;
  /** Whether a write must name the version it replaces. */
  readonly requireConditional: boolean;
  /**
   * Throws `too_large`, `unsupported_media_type`, `unprocessable`, or, for a value that is not what its content type
   * says, `invalid` with the place; the details name the limit that the entry exceeds, its value and the entry's.
   */
  check(entry: Entry): void;
}
