import { useState } from 'preact/hooks';

/** What was typed and not saved, by form. It outlives its view: one may look elsewhere and come back. */
const drafts = new Map<string, unknown>();

addEventListener('beforeunload', (event) => {
  if (drafts.size > 0) event.preventDefault();
});

export interface Draft<T> {
  readonly value: T;
  readonly isChanged: boolean;
  readonly change: (members: Partial<T>) => void;
  /** Goes back to what is saved. */
  readonly forget: () => void;
}

/** The content of a form: what was typed, else what is saved. */
export function useDraft<T extends object>(name: string, saved: T): Draft<T> {
  const [, render] = useState(0);
  const typed = drafts.get(name) as T | undefined;
  const value = typed ?? saved;
  const change = (members: Partial<T>) => {
    const next = { ...((drafts.get(name) as T | undefined) ?? saved), ...members };
    if (JSON.stringify(next) === JSON.stringify(saved)) drafts.delete(name);
    else drafts.set(name, next);
    render((turn) => turn + 1);
  };
  const forget = () => {
    drafts.delete(name);
    render((turn) => turn + 1);
  };
  return { value, isChanged: typed !== undefined, change, forget };
}
