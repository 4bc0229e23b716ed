import { dataOf } from '../../api/client.js';
import { notify } from '../../components/notices.js';
import { ConfirmDialog } from '../../forms/confirm-dialog.js';
import { adminApi, projectKeys } from '../../session/session.js';
import type { ApiKey } from './api-key-table.js';

export function RevokeKeyDialog(props: {
  readonly project: string;
  readonly apiKey: ApiKey;
  readonly onRevoked: () => Promise<void>;
  readonly onClose: () => void;
}) {
  const { project, apiKey, onRevoked, onClose } = props;
  const isOwn = projectKeys.value.get(project)?.caller.id === apiKey.id;
  const revoke = async () => {
    const params = { path: { project, id: apiKey.id } };
    await dataOf(adminApi(project).DELETE('/api/v1/projects/{project}/api-keys/{id}', { params }));
    await onRevoked();
    notify(`The key “${apiKey.name}” is revoked.`);
  };
  return (
    <ConfirmDialog
      title={`Revoke “${apiKey.name}”?`}
      action="Revoke the key"
      project={project}
      onConfirm={revoke}
      onClose={onClose}
    >
      <p>
        The key <code>{apiKey.id}</code> stops working with the very next request, and what it watches ends. This cannot
        be undone.
      </p>
      {isOwn && <p class="warning-box">This session uses this key: you will have to sign in with another one.</p>}
    </ConfirmDialog>
  );
}
