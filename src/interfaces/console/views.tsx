import type { IconName } from './components/icon.js';
import { type LazyView, lazyView } from './loading/lazy-view.js';

/** A view of one project, at `projects/PROJECT/PATH`. */
export interface ProjectView {
  readonly path: string;
  readonly label: string;
  readonly icon: IconName;
  readonly component: LazyView<{ readonly project: string }>;
}

/** A view of the whole server, at its path; only for the system key. */
export interface ServerView {
  readonly path: string;
  readonly label: string;
  readonly icon: IconName;
  readonly component: LazyView;
}

/** The views of a project in the order of the menu; the first is where a project opens. */
export const projectViews: readonly ProjectView[] = [
  {
    path: 'keys',
    label: 'Keys and values',
    icon: 'database',
    component: lazyView(() => import('./entries/entries-view.js').then(({ EntriesView }) => EntriesView)),
  },
  {
    path: 'live',
    label: 'Live',
    icon: 'live',
    component: lazyView(() => import('./live/live-view.js').then(({ LiveView }) => LiveView)),
  },
  {
    path: 'snapshots',
    label: 'Snapshots',
    icon: 'copy',
    component: lazyView(() => import('./projects/snapshots/snapshots-view.js').then((it) => it.SnapshotsView)),
  },
  {
    path: 'transfer',
    label: 'Export and import',
    icon: 'upload',
    component: lazyView(() => import('./projects/transfer/transfer-view.js').then((it) => it.TransferView)),
  },
  {
    path: 'api-keys',
    label: 'API keys',
    icon: 'key',
    component: lazyView(() => import('./projects/api-keys/api-keys-view.js').then((it) => it.ApiKeysView)),
  },
  {
    path: 'engine',
    label: 'Engine',
    icon: 'server',
    component: lazyView(() => import('./projects/engine/engine-view.js').then((it) => it.EngineView)),
  },
  {
    path: 'settings',
    label: 'Settings',
    icon: 'settings',
    component: lazyView(() => import('./projects/settings/settings-view.js').then((it) => it.SettingsView)),
  },
];

/** All projects, where the console begins. */
export const ProjectList = lazyView(() =>
  import('./projects/list/project-list-view.js').then((it) => it.ProjectListView),
);

export const serverViews: readonly ServerView[] = [
  {
    path: 'server',
    label: 'Server',
    icon: 'server',
    component: lazyView(() => import('./server/server-view.js').then(({ ServerView }) => ServerView)),
  },
  {
    path: 'audit',
    label: 'Audit log',
    icon: 'list',
    component: lazyView(() => import('./server/audit/audit-view.js').then(({ AuditView }) => AuditView)),
  },
];

/** Loads all views one by one: later the server may be away, or have another version. */
export async function preloadViews(): Promise<void> {
  for (const { component } of [...projectViews, ...serverViews]) await component.preload();
}
