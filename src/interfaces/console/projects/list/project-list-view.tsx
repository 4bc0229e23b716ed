import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import '../../styles/projects.css';
import { Button } from '../../components/button.js';
import { EmptyState } from '../../components/empty-state.js';
import { Failure } from '../../forms/failure.js';
import { useLoaded } from '../../forms/use-loaded.js';
import { useQuery } from '../../forms/use-query.js';
import { apiRoot, projectAddress } from '../../routing/addresses.js';
import { reloadProjects } from '../../session/project-list.js';
import { identify, projectKeys, signIn, systemKey } from '../../session/session.js';
import { IssuedKeyDialog } from '../parts/issued-key-dialog.js';
import { CreateProjectDialog } from './create-project-dialog.js';
import { loadProjects } from './project-figures.js';
import { ProjectTable } from './project-table.js';

const CREATE = `curl ${apiRoot}/api/v1/projects -H "X-API-Key: $SYSTEM_KEY" -d '{"id":"weather"}'`;

/** All projects that the keys can see, with what they hold and how they are. */
export function ProjectListView() {
  const { route } = useLocation();
  const [dialog, setDialog] = useQuery('dialog');
  const [issued, setIssued] = useState<{ readonly project: string; readonly secret: string } | undefined>();
  const list = useLoaded(loadProjects, [systemKey.value, projectKeys.value]);
  const isSystem = systemKey.value !== undefined;
  const created = (project: string, secret: string | undefined) => {
    void reloadProjects();
    if (secret === undefined) {
      route(projectAddress(project, 'settings'));
      return;
    }
    setDialog(undefined);
    setIssued({ project, secret });
    void list.reload();
  };
  return (
    <main class="page" id="content" tabIndex={-1}>
      <header class="page-header">
        <h1>Projects</h1>
        <div class="row">
          <Button icon="refresh" kind="quiet" label="Load again" onClick={list.reload} />
          {isSystem && (
            <Button icon="add" kind="primary" onClick={() => setDialog('create')}>
              Create a project
            </Button>
          )}
        </div>
      </header>
      <Failure error={list.error ?? list.value?.problem} onRetry={list.reload} />
      {list.value === undefined && list.error === undefined && <p class="hint">Loading…</p>}
      {list.value?.projects.length === 0 && (
        <EmptyState icon="database" title="There is no project yet" command={CREATE}>
          <p>A project holds keys and values on one storage engine. This makes one, and prints its key:</p>
        </EmptyState>
      )}
      {list.value !== undefined && list.value.projects.length > 0 && <ProjectTable projects={list.value.projects} />}
      {isSystem && (list.value?.unclaimed.length ?? 0) > 0 && (
        <p class="warning-box">
          There is data without a project: {list.value?.unclaimed.join(', ')}. Create a project with that name to take
          it over.
        </p>
      )}
      {dialog === 'create' && isSystem && (
        <CreateProjectDialog onCreated={created} onClose={() => setDialog(undefined)} />
      )}
      {issued !== undefined && (
        <IssuedKeyDialog
          title={`The key of ${issued.project}`}
          {...issued}
          onClose={() => {
            setIssued(undefined);
            route(projectAddress(issued.project, projectKeys.value.has(issued.project) ? 'keys' : 'settings'));
          }}
          onUse={async () => signIn(issued.secret, await identify(issued.secret, issued.project))}
        />
      )}
    </main>
  );
}
