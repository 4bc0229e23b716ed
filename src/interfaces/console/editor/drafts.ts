import { signal } from '@preact/signals';

/** Text that was not saved yet, with the version that it began from. */
export interface Draft {
  readonly text: string;
  readonly contentType: string;
  /** Undefined for a key that is new. */
  readonly base: { readonly version: string; readonly text: string } | undefined;
}

/** What is being edited. It outlives its view: one may look at another key, or sign in again, and come back. */
export const drafts = signal<ReadonlyMap<string, Draft>>(new Map());

export function draftName(project: string, key: string): string {
  return `${project}/${key}`;
}

export function keepDraft(name: string, draft: Draft | undefined): void {
  const next = new Map(drafts.value);
  if (draft === undefined) next.delete(name);
  else next.set(name, draft);
  drafts.value = next;
}

addEventListener('beforeunload', (event) => {
  if (drafts.value.size > 0) event.preventDefault();
});
