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
  {
    path: 'live',
    label: 'Live',
    icon: 'live',
    component: lazy(() => import('./live/live-view.js').then(({ LiveView }) => LiveView)),
  },
  {
    path: 'snapshots',
    label: 'Snapshots',
    icon: 'copy',
    component: lazy(() => import('./projects/snapshots/snapshots-view.js').then((it) => it.SnapshotsView)),
  },
  {
    path: 'transfer',
    label: 'Export and import',
    icon: 'upload',
    component: lazy(() => import('./projects/transfer/transfer-view.js').then((it) => it.TransferView)),
  },
  {
    path: 'api-keys',
    label: 'API keys',
    icon: 'key',
    component: lazy(() => import('./projects/api-keys/api-keys-view.js').then((it) => it.ApiKeysView)),
  },
  {
    path: 'engine',
    label: 'Engine',
    icon: 'server',
    component: lazy(() => import('./projects/engine/engine-view.js').then((it) => it.EngineView)),
  },
  {
    path: 'settings',
    label: 'Settings',
    icon: 'settings',
    component: lazy(() => import('./projects/settings/settings-view.js').then((it) => it.SettingsView)),
  },
];

/** All projects, where the console begins. */
export const ProjectList = lazy(() => import('./projects/list/project-list-view.js').then((it) => it.ProjectListView));

export const serverViews: readonly ServerView[] = [
  {
    path: 'server',
    label: 'Server',
    icon: 'server',
    component: lazy(() => import('./server/server-view.js').then(({ ServerView }) => ServerView)),
  },
  {
    path: 'audit',
    label: 'Audit log',
    icon: 'list',
    component: lazy(() => import('./server/audit/audit-view.js').then(({ AuditView }) => AuditView)),
  },
];
