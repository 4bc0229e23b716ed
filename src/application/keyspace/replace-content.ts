import { type Entry, isLive } from '../../domain/entry.js';
import { MAX_OPERATIONS } from '../../domain/limits.js';
import type { ChangeLog } from './change-log.js';
import type { Keyspace } from './keyspace.js';
import type { StagedStore } from './staged-store.js';

/** The most bytes of entries that are read only to publish their removal. */
const MAX_BYTES = 4 * 1024 * 1024;

/** What was replaced. */
export interface Replaced {
  /** How many entries there were. */
  readonly before: number;
}

/**
 * Activates the next store, which has other content, at one moment. If that is empty and few entries are removed, the
 * change feed publishes each removal; otherwise its readers have to load again.
 */
export async function replaceContent(keyspace: Keyspace, next: StagedStore): Promise<Replaced> {
  const { swappable } = keyspace;
  return swappable.quiesce(async () => {
    const [{ keys, bytes }, after] = [await swappable.size(), await next.store.size()];
    const few = after.keys === 0 && keys <= MAX_OPERATIONS && bytes <= MAX_BYTES;
    const removed = few ? await swappable.scan({ limit: MAX_OPERATIONS }) : undefined;
    await reserve(keyspace);
    await next.activate();
    await reserve(keyspace).catch(() => undefined);
    publish(keyspace, removed);
    return { before: keys };
  });
}

async function reserve({ versions }: Keyspace): Promise<void> {
  const count = MAX_OPERATIONS + 1;
  for (let wait = versions.reserve(count); wait !== undefined; wait = versions.reserve(count)) await wait;
}

function publish({ changes, versions, clock }: Keyspace, removed: readonly Entry[] | undefined): void {
  if (removed?.length === 0) return;
  try {
    if (removed === undefined) {
      publishGap(changes, versions.next());
      return;
    }
    const now = clock.now();
    const events = removed.map((entry) => ({
      event: isLive(entry, now) ? ('delete' as const) : ('expire' as const),
      key: entry.key,
      version: versions.next(),
      sizeBytes: 0,
    }));
    changes.end(changes.begin(events[0]?.version as number, versions.last), events);
  } catch {
    // No version could be reserved, but the content is replaced already.
    publishGap(changes, versions.last);
  }
}

function publishGap(changes: ChangeLog, version: number): void {
  changes.endWithGap(changes.begin(version), version);
}
