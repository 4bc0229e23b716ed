import type { Change } from '../../domain/change.js';

/** What a commit changed, or several that were made as one, as their `Batch.changes` said, without entries. */
export interface CommitRecord {
  readonly position: string;
  readonly changes: readonly Change[];
}

/** Commits that follow one another without a gap. */
export interface CommitPage {
  readonly commits: readonly CommitRecord[];
  /** Everything up to here was read; not before the last of the commits. */
  readonly position: string;
}

/**
 * The commits of a store that several servers have open, whichever of them made them, in one order that is the same at
 * all of them: two commits that name the same key, and one that began after another was acknowledged, are in it as they
 * were made. Only commits with `Batch.changes` are in it. The oldest are dropped after a while.
 *
 * A position stands between two commits and is good at every server that has the store open, also later. Positions of
 * one store are ordered as their texts are; those of other stores, and of those that had its project before, are not
 * known to it.
 */
export interface CommitLog {
  /**
   * Yields what follows a position, or from now on: then the first page has no commits, and none is missing later that
   * is acknowledged after it. The first page comes at once, even if it is empty, and later ones with commits, or with a
   * newer position now and then. Ends when the signal is aborted. Throws `HistoryGoneError` if commits after the
   * position were dropped, or at once if the position is not known, and `unavailable` if the store does not answer:
   * read on from the last position then.
   */
  read(after: string | undefined, signal: AbortSignal): AsyncIterable<CommitPage>;
  /** A position that is not before any commit that was acknowledged before this call. */
  end(): Promise<string>;
}
