import { computed, type ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Change } from '../feed/feed-event.js';
import { useChanges, useRecentKeys } from '../feed/use-feed.js';
import type { GroupCounts } from '../keys/group-counts.js';
import type { KeyTree } from '../keys/key-tree.js';

/** How often the list takes over what others changed, in ms. */
const INTERVAL = 1_000;

/**
 * Shows in the list what others change. Returns the rows that changed in the last seconds: keys, and the groups that
 * have them. `onResync` reads the list again: changes may be missing.
 */
export function useFollowedChanges(
  project: string,
  tree: KeyTree,
  counts: GroupCounts,
  onResync: () => void,
): ReadonlySignal<ReadonlySet<string>> {
  const recent = useRecentKeys(project);
  const waiting = useRef(new Map<string, Change>());
  const { prefix, separator } = tree.query;

  useChanges(project, (event) => {
    if (event.event === 'resync') onResync();
    else if ('key' in event && event.key.startsWith(prefix)) waiting.current.set(event.key, event);
  });

  useEffect(() => {
    const timer = setInterval(() => {
      const changes = [...waiting.current.values()];
      waiting.current.clear();
      if (changes.length === 0) return;
      const applied = changes.map(({ event, key, size }) => ({ key, sizeBytes: event === 'put' ? size : undefined }));
      // The feed names no time: it sends changes when they happen.
      tree.apply(applied, Date.now() / 1000);
      for (const { key } of changes) counts.forget(key);
    }, INTERVAL);
    return () => clearInterval(timer);
  }, [tree, counts]);

  return useMemo(() => computed(() => withGroups(recent.value, separator)), [recent, separator]);
}

function withGroups(keys: ReadonlySet<string>, separator: string): ReadonlySet<string> {
  const names = new Set(keys);
  if (separator === '') return names;
  for (const key of keys) {
    for (let end = key.indexOf(separator); end >= 0; end = key.indexOf(separator, end + separator.length)) {
      names.add(key.slice(0, end + separator.length));
    }
  }
  return names;
}
