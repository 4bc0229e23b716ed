import type { Signal } from '@preact/signals';
import type { GroupCounts } from './group-counts.js';
import type { KeyTree } from './key-tree.js';

export interface KeyListProps {
  readonly tree: KeyTree;
  readonly counts: GroupCounts;
  /** The key that is shown beside the list. */
  readonly current: string | undefined;
  /** The position that the arrow keys move. */
  readonly active: Signal<number>;
  readonly selected: Signal<ReadonlySet<string>>;
  /** Keys that have just changed, to draw attention to them. */
  readonly blinking?: Signal<ReadonlySet<string>> | undefined;
  readonly onOpen: (key: string) => void;
  readonly onDelete: (name: string, isGroup: boolean) => void;
}

/** Selects what is not selected, or the other way round. */
export function toggleIn(selected: Signal<ReadonlySet<string>>, name: string): void {
  const next = new Set(selected.value);
  if (!next.delete(name)) next.add(name);
  selected.value = next;
}
