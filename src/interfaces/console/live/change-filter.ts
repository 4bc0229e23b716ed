import type { ChangeKind } from '../feed/feed-event.js';
import type { HistoryEntry } from '../feed/feed-history.js';

/** What each kind of change is called here. */
export const KIND_WORDS: Readonly<Record<ChangeKind, string>> = {
  put: 'Written',
  delete: 'Deleted',
  expire: 'Expired',
};

/** Which changes are shown. It is the query of the view's address. */
export interface ChangeFilter {
  readonly prefix: string;
  readonly kind: ChangeKind | undefined;
  /** Somewhere in the key, in any case. */
  readonly text: string;
}

export function filterOf(query: Readonly<Record<string, string>>): ChangeFilter {
  const { prefix = '', kind = '', text = '' } = query;
  return { prefix, kind: kind in KIND_WORDS ? (kind as ChangeKind) : undefined, text };
}

export function queryOf({ prefix, kind, text }: ChangeFilter): Record<string, string | undefined> {
  return { prefix: prefix || undefined, kind, text: text || undefined };
}

export function isFiltering({ prefix, kind, text }: ChangeFilter): boolean {
  return prefix !== '' || kind !== undefined || text !== '';
}

/** The entries of a history that a filter lets through, latest first. Notes about the connection always are. */
export function matching(entries: readonly HistoryEntry[], filter: ChangeFilter, most: number): HistoryEntry[] {
  const text = filter.text.toLowerCase();
  const found: HistoryEntry[] = [];
  for (let i = entries.length - 1; i >= 0 && found.length < most; i--) {
    const entry = entries[i] as HistoryEntry;
    if (entry.kind === 'note') found.push(entry);
    else {
      const { event, key } = entry.change;
      const isIn = key.startsWith(filter.prefix) && key.toLowerCase().includes(text);
      if (isIn && (filter.kind === undefined || filter.kind === event)) found.push(entry);
    }
  }
  return found;
}
