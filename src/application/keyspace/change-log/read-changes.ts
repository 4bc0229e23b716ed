import { type Change, positionOf } from '../../../domain/change.js';
import { type KeyFilter, passes } from '../../../domain/key.js';
import type { ChangeFeed } from './change-feed.js';

/** How many changes are read from the log at a time. */
const PAGE = 1_000;

/** All changes after a position and up to `position` that pass the filter. */
export interface ChangePage {
  readonly changes: readonly Change[];
  readonly position: number;
}

/** At most `limit` changes after a position and not after `end`; undefined if they are not known any more. */
export function readChanges(
  log: ChangeFeed,
  filter: KeyFilter,
  position: number,
  limit: number,
  end = log.position,
): ChangePage | undefined {
  const changes: Change[] = [];
  for (let from = position; ; ) {
    const page = log.after(from, PAGE);
    if (page === undefined) return undefined;
    for (const change of page) {
      if (positionOf(change) > end) return { changes, position: from };
      if (passes(filter, change.key)) {
        if (changes.length === limit) return { changes, position: from };
        changes.push(change);
      }
      from = positionOf(change);
    }
    if (page.length < PAGE) return { changes, position: from };
  }
}
