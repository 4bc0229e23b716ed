import { useLocation } from 'preact-iso/router';
import '../../styles/projects.css';
import { dataOf } from '../../api/client.js';
import { notify } from '../../components/notices.js';
import { Failure } from '../../forms/failure.js';
import { useLoaded } from '../../forms/use-loaded.js';
import { useQuery } from '../../forms/use-query.js';
import { projectAddress } from '../../routing/addresses.js';
import { adminApi } from '../../session/session.js';
import { AdminOnly } from '../parts/admin-only.js';
import { ViewPage } from '../parts/view-page.js';
import { DangerZone } from './danger-zone.js';
import { editableOf, patchOf, type Settings } from './settings.js';
import { SettingsForm } from './settings-form.js';
import { SettingsJson } from './settings-json.js';

/** The settings of a project, as a form or as JSON. */
export function SettingsView({ project }: { readonly project: string }) {
  return (
    <AdminOnly project={project} view="Settings">
      <Content project={project} />
    </AdminOnly>
  );
}

function Content({ project }: { readonly project: string }) {
  const { route } = useLocation();
  const [as, setAs] = useQuery('as');
  const path = { project };
  const loaded = useLoaded(
    () => dataOf(adminApi(project).GET('/api/v1/projects/{project}', { params: { path } })),
    [project],
  );
  const save = async (after: Settings) => {
    if (loaded.value === undefined) return;
    const body = patchOf(editableOf(loaded.value), after) as never;
    const moved = await dataOf(adminApi(project).PUT('/api/v1/projects/{project}', { params: { path }, body }));
    if (moved !== null) {
      route(projectAddress(project, 'engine'));
      return;
    }
    await loaded.reload();
    notify('The settings are saved.');
  };
  const settings = loaded.value === undefined ? undefined : editableOf(loaded.value);
  return (
    <ViewPage
      project={project}
      title="Settings"
      actions={
        <div class="segments">
          <button type="button" aria-pressed={as !== 'json'} onClick={() => setAs(undefined)}>
            Form
          </button>
          <button type="button" aria-pressed={as === 'json'} onClick={() => setAs('json')}>
            JSON
          </button>
        </div>
      }
    >
      <Failure error={loaded.error} onRetry={loaded.reload} />
      {settings === undefined && loaded.error === undefined && <p class="hint">Loading…</p>}
      {settings !== undefined && as !== 'json' && <SettingsForm project={project} settings={settings} onSave={save} />}
      {settings !== undefined && as === 'json' && <SettingsJson project={project} settings={settings} onSave={save} />}
      <DangerZone project={project} />
    </ViewPage>
  );
}
