import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { ApiError } from '../../api/api-error.js';
import { dataOf } from '../../api/client.js';
import { Button } from '../../components/button.js';
import { Checkbox } from '../../components/field.js';
import { notify } from '../../components/notices.js';
import { ConfirmDialog } from '../../forms/confirm-dialog.js';
import { useQuery } from '../../forms/use-query.js';
import { addressOf } from '../../routing/addresses.js';
import { reloadProjects } from '../../session/project-list.js';
import { projectKeys, signOut, systemApi, systemKey } from '../../session/session.js';
import { Section } from '../parts/view-page.js';

/** What cannot be undone. Deleting a project takes the system key. */
export function DangerZone({ project }: { readonly project: string }) {
  const { route } = useLocation();
  const [dialog, setDialog] = useQuery('dialog');
  const [mustForce, setMustForce] = useState(false);
  const [isForced, setForced] = useState(false);
  if (systemKey.value === undefined) return null;
  const remove = async () => {
    try {
      const params = { path: { project }, query: isForced ? { force: true } : {} };
      await dataOf(systemApi().DELETE('/api/v1/projects/{project}', { params }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) setMustForce(true);
      throw error;
    }
    if (projectKeys.value.has(project)) signOut({ project });
    route(addressOf(''));
    await reloadProjects();
    notify(`The project ${project} is deleted.`);
  };
  return (
    <Section
      title="Delete the project"
      isDangerous
      hint="Its settings, keys, snapshots and data. This cannot be undone."
    >
      <div>
        <Button kind="danger" icon="delete" onClick={() => setDialog('delete')}>
          Delete {project}…
        </Button>
      </div>
      {dialog === 'delete' && (
        <ConfirmDialog
          title={`Delete ${project}?`}
          action="Delete the project"
          project={project}
          onConfirm={remove}
          onClose={() => undefined}
          onCancel={() => setDialog(undefined)}
        >
          <p>
            The settings, the API keys, the snapshots and all entries of <strong>{project}</strong> are deleted from the
            server at once. If you may need the data, export it first.
          </p>
          {mustForce && (
            <Checkbox
              label="Delete it although its data cannot be read, with its snapshots"
              isChecked={isForced}
              onChange={setForced}
            />
          )}
        </ConfirmDialog>
      )}
    </Section>
  );
}
