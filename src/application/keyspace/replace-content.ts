import { type Entry, isLive } from '../../domain/entry.js';
import { DamagedDataError } from '../../domain/errors.js';
import { MAX_OPERATIONS } from '../../domain/limits.js';
import type { Awaitable } from '../awaitable.js';
import type { SwappableStore } from '../stores/swappable-store.js';
import type { Keyspace } from './keyspace.js';
import { publishGap, reserveVersions } from './publish-replacement.js';
import type { StagedStore } from './staged-store.js';
import { outcomeUnknown } from './unknown-outcomes.js';

/** The most bytes of entries that are read only to publish their removal. */
const MAX_BYTES = 4 * 1024 * 1024;

/** What was replaced. */
export interface ReplacedContent {
  /** How many entries there were; undefined if they were damaged. */
  readonly before: number | undefined;
  /** The names, in the data folder, that damaged files got, which were put aside. */
  readonly kept: readonly string[];
}

/**
 * Activates the next store, which has other content, at one moment. If that is empty and few entries are removed, the
 * change feed publishes each removal; otherwise its readers have to load again. `isDamaged` is whether the present
 * content was found to be damaged.
 */
export async function replaceContent(
  keyspace: Keyspace,
  next: StagedStore,
  isDamaged = false,
): Promise<ReplacedContent> {
  const { swappable } = keyspace;
  return swappable.quiesce(async () => {
    const after = await next.store.size();
    const content = isDamaged ? undefined : await readReplaced(swappable, () => contentOf(swappable, after.keys === 0));
    await reserveVersions(keyspace.versions);
    const kept = await next.activate(undefined, content === undefined);
    await reserveVersions(keyspace.versions).catch(() => undefined);
    publish(keyspace, content?.removed);
    return { before: content?.keys, kept };
  });
}

/** Discards a store that was to replace the content. Returns the error for the client: the content may be replaced. */
export async function afterDiscard(next: Pick<StagedStore, 'discard'>, error: unknown): Promise<unknown> {
  return (await next.discard()) === 'removed' ? error : outcomeUnknown(error);
}

/** What is read of content that is being replaced; undefined if that is damaged. */
export async function readReplaced<T>(swappable: SwappableStore, read: () => Awaitable<T>): Promise<T | undefined> {
  try {
    return swappable.unreadable().length > 0 ? undefined : await read();
  } catch (error) {
    if (error instanceof DamagedDataError) return undefined;
    throw error;
  }
}

/** The number of entries and, if they are few and all removed, the entries. */
async function contentOf(swappable: SwappableStore, isCleared: boolean) {
  const { keys, bytes } = await swappable.size();
  const few = isCleared && keys <= MAX_OPERATIONS && bytes <= MAX_BYTES;
  return { keys, removed: few ? await swappable.scan({ limit: MAX_OPERATIONS }) : undefined };
}

function publish({ changes, versions, clock }: Keyspace, removed: readonly Entry[] | undefined): void {
  if (removed?.length === 0) return;
  if (removed === undefined) {
    publishGap(changes, versions);
    return;
  }
  try {
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
    publishGap(changes, versions);
  }
}
