import { isLive } from '../../../domain/entry.js';
import { afterKey } from '../../../domain/key.js';
import type { ReadView } from '../../ports/store.js';
import { requireWhole } from '../../stores/require-whole.js';
import type { Keyspace } from '../keyspace.js';
import { BeforeImageView } from './before-image-view.js';
import type { PointInTimeView, ViewRange } from './point-in-time-view.js';

/**
 * Begins a view of a project. Rejects with `unavailable` if some entries cannot be read. Read the pages to the end,
 * return early from them, or close it.
 */
export async function takeView(keyspace: Keyspace, range: ViewRange = {}): Promise<PointInTimeView> {
  const { swappable, clock } = keyspace;
  const { store, release } = swappable.pin();
  let view: ReadView | undefined;
  try {
    if (store.readView === undefined) return await BeforeImageView.take(keyspace, range);
    await requireWhole(store);
    view = await store.readView();
    return viewOf(view, clock.now(), range, release);
  } finally {
    if (view === undefined) release();
  }
}

/** A view of a store that has some itself, because other servers may write there: no commit waits for it. */
function viewOf(view: ReadView, at: number, { prefix, after }: ViewRange, release: () => void): PointInTimeView {
  const start = after === undefined ? undefined : afterKey(after);
  const close = () => void view.close().finally(release);
  return {
    at,
    async *pages() {
      try {
        for await (const page of view.pages({ prefix, start })) {
          const entries = page.filter((entry) => isLive(entry, at));
          if (entries.length > 0) yield entries;
        }
      } finally {
        close();
      }
    },
    close,
  };
}
