import { HistoryGoneError } from '../../../domain/errors.js';
import type { CommitLog, CommitRecord } from '../../ports/commit-log.js';

/**
 * The commits after a position and up to `start`; undefined if they are not known, or have more than so many changes.
 * None if the position is not before `start`.
 */
export async function earlierCommits(
  log: CommitLog,
  position: string,
  start: string,
  maxChanges: number,
): Promise<readonly CommitRecord[] | undefined> {
  const end = await log.end();
  const last = end < start ? end : start;
  const found: CommitRecord[] = [];
  let count = 0;
  try {
    for await (const page of log.read(position, new AbortController().signal)) {
      // Only now it is known that both are positions of one store.
      if (position >= start) break;
      for (const commit of page.commits) {
        if (commit.position > start) return found;
        found.push(commit);
        count += commit.changes.length;
        if (count > maxChanges) return undefined;
      }
      if (page.position >= last) break;
    }
  } catch (error) {
    if (error instanceof HistoryGoneError) return undefined;
    throw error;
  }
  return found;
}
