import { dataOf } from '../../api/client.js';
import { ConfirmDialog } from '../../forms/confirm-dialog.js';
import { identify, projectKeys, signIn, systemApi } from '../../session/session.js';

/** Gives a project another primary key, with the system key. The session goes on with it if it had the old one. */
export function ReplacePrimaryDialog(props: {
  readonly project: string;
  readonly id: string;
  readonly onReplaced: (secret: string) => void;
  readonly onClose: () => void;
}) {
  const { project, id, onReplaced, onClose } = props;
  const replace = async () => {
    const { new_api_key: secret } = await dataOf(
      systemApi().POST('/api/v1/projects/{project}/config/regenerate-api-key', { params: { path: { project } } }),
    );
    if (projectKeys.value.get(project)?.caller.id === id) signIn(secret, await identify(secret, project));
    onClose();
    onReplaced(secret);
  };
  return (
    <ConfirmDialog
      title="Replace the primary key?"
      action="Replace the key"
      project={project}
      onConfirm={replace}
      onClose={() => undefined}
      onCancel={onClose}
    >
      <p>
        The primary key of <strong>{project}</strong> stops working at once, everywhere it is used. Keys with a name of
        their own can be rotated with a time in which both secrets work.
      </p>
    </ConfirmDialog>
  );
}
