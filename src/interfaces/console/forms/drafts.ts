import { signal } from '@preact/signals';

/** What was entered and not saved, by name. It outlives its view: one may look elsewhere and come back. */
const drafts = signal<ReadonlyMap<string, unknown>>(new Map());

addEventListener('beforeunload', (event) => {
  if (drafts.value.size > 0) event.preventDefault();
});

export function draftOf<T>(name: string): T | undefined {
  return drafts.value.get(name) as T | undefined;
}

/** Forgets it if `draft` is undefined. */
export function keepDraft(name: string, draft: unknown): void {
  const next = new Map(drafts.value);
  if (draft === undefined) next.delete(name);
  else next.set(name, draft);
  drafts.value = next;
}

export interface Draft<T> {
  readonly value: T;
  readonly isChanged: boolean;
  readonly change: (members: Partial<T>) => void;
  /** Goes back to what is saved. */
  readonly forget: () => void;
}

/** The content of a form: what was typed, else what is saved. */
export function useDraft<T extends object>(name: string, saved: T): Draft<T> {
  const typed = draftOf<T>(name);
  const change = (members: Partial<T>) => {
    const next = { ...(draftOf<T>(name) ?? saved), ...members };
    keepDraft(name, JSON.stringify(next) === JSON.stringify(saved) ? undefined : next);
  };
  return { value: typed ?? saved, isChanged: typed !== undefined, change, forget: () => keepDraft(name, undefined) };
}
