import { useState } from 'preact/hooks';
import type { components } from '#openapi';
import { dataOf } from '../../api/client.js';
import { Button } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { plural } from '../../formats/quantity.js';
import { exactTime } from '../../formats/time.js';
import { ConfirmDialog } from '../../forms/confirm-dialog.js';
import { SelectField } from '../../forms/select-field.js';
import { projectAddress } from '../../routing/addresses.js';
import { projectIds } from '../../session/project-list.js';
import { adminApi, systemApi, systemKey } from '../../session/session.js';
import type { Snapshot } from './snapshot-table.js';

type Restored = components['schemas']['RestoreSnapshotResponse']['data'];

/** Restores a snapshot in place, or with the system key into another project. Either replaces what is there. */
export function RestoreDialog(props: {
  readonly project: string;
  readonly snapshot: Snapshot;
  readonly onClose: () => void;
}) {
  const { project, snapshot, onClose } = props;
  const [into, setInto] = useState(project);
  const [restored, setRestored] = useState<Restored | undefined>();
  if (restored !== undefined) return <Report project={into} restored={restored} onClose={onClose} />;
  const restore = async () => {
    const path = { project, snapshot: snapshot.id };
    const api = into === project ? adminApi(project) : systemApi();
    const request = api.POST('/api/v1/projects/{project}/snapshots/{snapshot}/restore', {
      params: { path },
      body: into === project ? {} : { into },
    });
    setRestored(await dataOf(request));
  };
  return (
    <ConfirmDialog
      title="Restore a snapshot"
      action={into === project ? 'Replace all entries' : `Replace all entries of ${into}`}
      project={into}
      onConfirm={restore}
      onClose={() => undefined}
      onCancel={onClose}
    >
      <p>
        The snapshot of {exactTime(snapshot.created_at)}
        {snapshot.count !== null && ` with ${plural(snapshot.count, 'entry', 'entries')}`}.
      </p>
      {systemKey.value !== undefined ? (
        <SelectField
          label="Into"
          value={into}
          choices={projectIds.value.map((id) => ({ value: id, label: id === project ? `${id} (in place)` : id }))}
          onChange={setInto}
        />
      ) : (
        <p class="hint">To restore it into another project, add the system key.</p>
      )}
      <p class="warning-box">
        All entries of <strong>{into}</strong> are replaced at one moment. What is there now is lost, unless you take a
        snapshot first.
      </p>
    </ConfirmDialog>
  );
}

function Report(props: { readonly project: string; readonly restored: Restored; readonly onClose: () => void }) {
  const { count, expired, removed, kept } = props.restored;
  return (
    <Dialog
      title="Restored"
      onClose={props.onClose}
      actions={
        <Button kind="primary" onClick={props.onClose}>
          Done
        </Button>
      }
    >
      <ul class="report">
        {count !== null && <li>{plural(count, 'entry', 'entries')} restored</li>}
        {removed !== null && <li>{plural(removed, 'entry', 'entries')} removed, which the snapshot does not have</li>}
        {expired !== null && expired > 0 && (
          <li>{plural(expired, 'entry', 'entries')} left out, which expired since</li>
        )}
        {kept !== undefined && <li>Damaged files are kept in the data folder: {kept.join(', ')}</li>}
      </ul>
      <p>
        <a href={projectAddress(props.project, 'keys')}>Look at the keys of {props.project}</a>
      </p>
    </Dialog>
  );
}
