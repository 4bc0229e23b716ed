import '../../styles/projects.css';
import { dataOf } from '../../api/client.js';
import { Button } from '../../components/button.js';
import { EmptyState } from '../../components/empty-state.js';
import { notify } from '../../components/notices.js';
import { plural } from '../../formats/quantity.js';
import { Failure } from '../../forms/failure.js';
import { useAction } from '../../forms/use-action.js';
import { useLoaded } from '../../forms/use-loaded.js';
import { useQuery } from '../../forms/use-query.js';
import { apiRoot } from '../../routing/addresses.js';
import { adminApi } from '../../session/session.js';
import { AdminOnly } from '../parts/admin-only.js';
import { Section, ViewPage } from '../parts/view-page.js';
import { DeleteSnapshotDialog } from './delete-snapshot-dialog.js';
import { RestoreDialog } from './restore-dialog.js';
import { Schedule } from './schedule.js';
import { SnapshotTable } from './snapshot-table.js';

/** The snapshots of a project: taken by hand or on a schedule, verified, restored. */
export function SnapshotsView({ project }: { readonly project: string }) {
  return (
    <AdminOnly project={project} view="Snapshots">
      <Content project={project} />
    </AdminOnly>
  );
}

function Content({ project }: { readonly project: string }) {
  const path = { project };
  const list = useLoaded(
    () => dataOf(adminApi(project).GET('/api/v1/projects/{project}/snapshots', { params: { path } })),
    [project],
  );
  const [restored, restore] = useQuery('restore');
  const [deleted, remove] = useQuery('delete');
  const take = useAction(async () => {
    const { count } = await dataOf(
      adminApi(project).POST('/api/v1/projects/{project}/snapshots', { params: { path } }),
    );
    await list.reload();
    notify(count === null ? 'The snapshot is taken.' : `The snapshot is taken: ${plural(count, 'entry', 'entries')}.`);
  });
  const find = (id: string | undefined) => list.value?.find((one) => one.id === id);
  const [toRestore, toDelete] = [find(restored), find(deleted)];
  return (
    <ViewPage
      project={project}
      title="Snapshots"
      actions={
        <Button icon="add" kind="primary" isBusy={take.isBusy} onClick={take.run}>
          Take a snapshot
        </Button>
      }
    >
      <Failure error={take.error} />
      <Failure error={list.error} onRetry={list.reload} />
      {list.value === undefined && list.error === undefined && <p class="hint">Loading…</p>}
      {list.value?.length === 0 && (
        <EmptyState
          icon="copy"
          title="There is no snapshot yet"
          command={`curl -X POST ${apiRoot}/api/v1/projects/${project}/snapshots -H "X-API-Key: $KEY"`}
        >
          <p>A snapshot keeps all entries as they are at one moment, without a pause. Take one here, or by:</p>
        </EmptyState>
      )}
      {list.value !== undefined && list.value.length > 0 && (
        <Section
          title={plural(list.value.length, 'snapshot')}
          hint="In the data folder of the server: copy them elsewhere, too."
        >
          <SnapshotTable
            project={project}
            snapshots={[...list.value].reverse()}
            onRestore={(id) => restore(id)}
            onDelete={(id) => remove(id)}
          />
        </Section>
      )}
      <Schedule project={project} onSaved={list.reload} />
      {toRestore !== undefined && (
        <RestoreDialog key={toRestore.id} project={project} snapshot={toRestore} onClose={() => restore(undefined)} />
      )}
      {toDelete !== undefined && (
        <DeleteSnapshotDialog
          project={project}
          snapshot={toDelete}
          onDeleted={list.reload}
          onClose={() => remove(undefined)}
        />
      )}
    </ViewPage>
  );
}
