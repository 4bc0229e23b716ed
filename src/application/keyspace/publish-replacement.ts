import { MAX_OPERATIONS } from '../../domain/limits.js';
import type { ChangeFeed } from './change-log/change-feed.js';
import type { Versions } from './versions.js';

/** The part of a keyspace that publishing needs. */
interface PublishedKeyspace {
  readonly changes: ChangeFeed;
  readonly versions: Versions;
}

/** Publishes that a store was swapped for one with other content: readers of the change feed have to load again. */
export async function publishReplacement({ changes, versions }: PublishedKeyspace): Promise<void> {
  await reserveVersions(versions).catch(() => undefined);
  publishGap(changes, versions);
}

/** Makes sure that the versions of a replacement can be issued: one for each removal, and one more. */
export async function reserveVersions(versions: Versions): Promise<void> {
  const count = MAX_OPERATIONS + 1;
  for (let wait = versions.reserve(count); wait !== undefined; wait = versions.reserve(count)) await wait;
}

/** Publishes that changes are missing. If no version could be reserved, they have the last one that was issued. */
export function publishGap(changes: ChangeFeed, versions: Versions): void {
  let version = versions.last;
  try {
    version = versions.next();
  } catch {
    // The content is another one already.
  }
  changes.endWithGap(changes.begin(version), version);
}
