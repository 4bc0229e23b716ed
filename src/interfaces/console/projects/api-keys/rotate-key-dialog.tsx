import { useState } from 'preact/hooks';
import type { components } from '#openapi';
import { dataOf } from '../../api/client.js';
import { ConfirmDialog } from '../../forms/confirm-dialog.js';
import { SelectField } from '../../forms/select-field.js';
import { adminApi, projectKeys, signIn } from '../../session/session.js';
import type { ApiKey } from './api-key-table.js';

const GRACE = [
  { value: '0', label: 'not at all' },
  { value: '300', label: 'for 5 minutes' },
  { value: '3600', label: 'for an hour' },
  { value: '86400', label: 'for a day' },
  { value: '604800', label: 'for a week' },
];

/** Gives a key a new secret; this session goes on with it if it is its own. */
export function RotateKeyDialog(props: {
  readonly project: string;
  readonly apiKey: ApiKey;
  readonly onRotated: (key: components['schemas']['IssuedApiKey']) => void;
  readonly onClose: () => void;
}) {
  const { project, apiKey, onRotated, onClose } = props;
  const [grace, setGrace] = useState('3600');
  const rotate = async () => {
    const params = { path: { project, id: apiKey.id } };
    const issued = await dataOf(
      adminApi(project).POST('/api/v1/projects/{project}/api-keys/{id}/rotate', {
        params,
        body: { grace: Number(grace) },
      }),
    );
    const own = projectKeys.value.get(project);
    if (own !== undefined && own.caller.id === apiKey.id) signIn(issued.key, own.caller);
    onClose();
    onRotated(issued);
  };
  return (
    <ConfirmDialog
      title={`Give “${apiKey.name}” a new secret?`}
      action="Rotate the key"
      onConfirm={rotate}
      onClose={() => undefined}
      onCancel={onClose}
    >
      <p>Its name, its rights and its expiry stay. The new secret is shown once.</p>
      <SelectField label="The old secret still works" value={grace} choices={GRACE} onChange={setGrace} />
    </ConfirmDialog>
  );
}
