import type { ComponentType } from 'preact';
import lazy from 'preact-iso/lazy';
import type { IconName } from './components/icon.js';

/** A view of one project, at `projects/PROJECT/PATH`. */
export interface ProjectView {
  readonly path: string;
  readonly label: string;
  readonly icon: IconName;
  readonly component: ComponentType<{ readonly project: string }>;
}

/** A view of the whole server, at its path; only for the system key. */
export interface ServerView {
  readonly path: string;
  readonly label: string;
  readonly icon: IconName;
  readonly component: ComponentType;
}

/** The views of a project in the order of the menu; the first is where a project opens. */
export const projectViews: readonly ProjectView[] = [
  {
    path: 'keys',
    label: 'Keys and values',
    icon: 'database',
    component: lazy(() => import('./entries/entries-view.js').then(({ EntriesView }) => EntriesView)),
  },
];

export const serverViews: readonly ServerView[] = [];
