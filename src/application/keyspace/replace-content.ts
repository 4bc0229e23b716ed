import { type Entry, isLive } from '../../domain/entry.js';
import { MAX_OPERATIONS } from '../../domain/limits.js';
import type { ChangeLog } from './change-log.js';
import type { Keyspace } from './keyspace.js';
import type { StagedStore } from './staged-store.js';

/** Most bytes of entries that are read only to tell of their removal. */
const MOST_BYTES = 4 * 1024 * 1024;

/** What the switch made of the content before. */
export interface Replaced {
  /** Entries that were there. */
  readonly before: number;
}

/**
 * Puts the next store, which has other content, in charge at one moment. The change feed hears of every removal where the next one
 * is empty and there are few; else its readers have to load again.
 */
export async function replaceContent(keyspace: Keyspace, next: StagedStore): Promise<Replaced> {
  const { swappable } = keyspace;
  return swappable.quiesce(async () => {
    const [{ keys, bytes }, after] = [await swappable.size(), await next.store.size()];
    const few = after.keys === 0 && keys <= MAX_OPERATIONS && bytes <= MOST_BYTES;
    const removed = few ? await swappable.scan({ limit: MAX_OPERATIONS }) : undefined;
    await reserve(keyspace);
    await next.activate();
    await reserve(keyspace).catch(() => undefined);
    tell(keyspace, removed);
    return { before: keys };
  });
}

async function reserve({ versions }: Keyspace): Promise<void> {
  const count = MAX_OPERATIONS + 1;
  for (let wait = versions.reserve(count); wait !== undefined; wait = versions.reserve(count)) await wait;
}

function tell({ changes, versions, clock }: Keyspace, removed: readonly Entry[] | undefined): void {
  if (removed?.length === 0) return;
  try {
    if (removed === undefined) {
      lose(changes, versions.next());
      return;
    }
    const now = clock.now();
    const told = removed.map((entry) => ({
      event: isLive(entry, now) ? ('delete' as const) : ('expire' as const),
      key: entry.key,
      version: versions.next(),
      sizeBytes: 0,
    }));
    changes.end(changes.begin(told[0]?.version as number, versions.last), told);
  } catch {
    // No version could be reserved: the switch has happened all the same.
    lose(changes, versions.last);
  }
}

function lose(changes: ChangeLog, version: number): void {
  changes.endWithGap(changes.begin(version), version);
}
