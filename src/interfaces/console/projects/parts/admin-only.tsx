import type { ComponentChildren } from 'preact';
import { EmptyState } from '../../components/empty-state.js';
import { may, projectKeys, systemKey } from '../../session/session.js';
import { ViewPage } from './view-page.js';

/** Shows its content to those who may administrate the project; says to the others which key they need. */
export function AdminOnly(props: {
  readonly project: string;
  readonly view: string;
  readonly children: ComponentChildren;
}) {
  if (isAdmin(props.project)) return props.children;
  return (
    <ViewPage project={props.project} title={props.view}>
      <EmptyState icon="lock" title="This key does not open this view">
        <p>
          It takes the system key, or a key of the project with the scope <code>admin</code> and without a prefix. Add
          one under the keys of the session, at the foot of the menu.
        </p>
      </EmptyState>
    </ViewPage>
  );
}

export function isAdmin(project: string): boolean {
  return systemKey.value !== undefined || (may(project, 'admin') && !hasPrefix(project));
}

function hasPrefix(project: string): boolean {
  return (projectKeys.value.get(project)?.caller.prefix ?? null) !== null;
}
