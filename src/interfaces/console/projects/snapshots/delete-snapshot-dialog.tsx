import { dataOf } from '../../api/client.js';
import { notify } from '../../components/notices.js';
import { exactTime } from '../../formats/time.js';
import { ConfirmDialog } from '../../forms/confirm-dialog.js';
import { adminApi } from '../../session/session.js';
import type { Snapshot } from './snapshot-table.js';

export function DeleteSnapshotDialog(props: {
  readonly project: string;
  readonly snapshot: Snapshot;
  readonly onDeleted: () => Promise<void>;
  readonly onClose: () => void;
}) {
  const { project, snapshot, onDeleted, onClose } = props;
  const remove = async () => {
    const path = { project, snapshot: snapshot.id };
    await dataOf(adminApi(project).DELETE('/api/v1/projects/{project}/snapshots/{snapshot}', { params: { path } }));
    await onDeleted();
    notify('The snapshot is deleted.');
  };
  return (
    <ConfirmDialog
      title="Delete this snapshot?"
      action="Delete the snapshot"
      project={project}
      onConfirm={remove}
      onClose={onClose}
    >
      <p>
        The snapshot of {exactTime(snapshot.created_at)} is deleted from the data folder and cannot be restored any
        more. The entries of the project stay.
      </p>
    </ConfirmDialog>
  );
}
