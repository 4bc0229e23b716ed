import type { Entry } from '../../../domain/entry.js';

export interface ViewRange {
  readonly prefix?: string | undefined;
  /** Only keys after this one. */
  readonly after?: string | undefined;
}

/** The live entries of a project as of one moment, read page by page while writes go on. */
export interface PointInTimeView {
  /** The moment of the view, in ms since 1970. */
  readonly at: number;
  /**
   * In key order; call it once. Rejects with `unavailable` if too much was changed or the store was closed meanwhile.
   */
  pages(): AsyncGenerator<readonly Entry[]>;
  /** Releases the store; no more pages can be read. */
  close(): void;
}
