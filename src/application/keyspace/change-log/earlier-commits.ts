import { AppError, HistoryGoneError } from '../../../domain/errors.js';
import type { CommitLog, CommitRecord } from '../../ports/commit-log.js';

/**
 * The commits after a position and up to `start`; undefined if they are not known, or have more than so many changes.
 * None if the position is not before `start`. Rejects with `unavailable` if that takes longer than so many ms.
 */
export async function earlierCommits(
  log: CommitLog,
  position: string,
  start: string,
  maxChanges: number,
  timeout: number,
): Promise<readonly CommitRecord[] | undefined> {
  const signal = AbortSignal.timeout(timeout);
  const end = await log.end();
  const last = end < start ? end : start;
  const found: CommitRecord[] = [];
  let count = 0;
  try {
    for await (const page of log.read(position, signal)) {
      // Only now it is known that both are positions of one store.
      if (position >= start) return found;
      for (const commit of page.commits) {
        if (commit.position > start) return found;
        found.push(commit);
        count += commit.changes.length;
        if (count > maxChanges) return undefined;
      }
      if (page.position >= last) return found;
    }
  } catch (error) {
    if (error instanceof HistoryGoneError) return undefined;
    throw error;
  }
  throw new AppError('unavailable', `The store did not say what was committed within ${timeout / 1000} s: try again`);
}
