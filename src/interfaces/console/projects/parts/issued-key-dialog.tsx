import { useState } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { CopyButton } from '../../components/copy-button.js';
import { Dialog } from '../../components/dialog.js';
import { CommandLine } from '../../components/empty-state.js';
import { Checkbox } from '../../components/field.js';
import { notifyError } from '../../components/notices.js';
import { apiRoot } from '../../routing/addresses.js';

/** A key in plain text, once: the server keeps only its hash. */
export function IssuedKeyDialog(props: {
  readonly title: string;
  readonly project: string;
  readonly secret: string;
  /** The beginning of all keys that it may use, if it has one. */
  readonly prefix?: string | null;
  /** Adds it to the keys of the session. */
  readonly onUse?: () => Promise<void>;
  readonly onClose: () => void;
}) {
  const { title, project, secret, prefix, onUse, onClose } = props;
  const [isUsed, setUsed] = useState(onUse !== undefined);
  const query = prefix === null || prefix === undefined ? '' : `&prefix=${encodeURIComponent(prefix)}`;
  const close = async () => {
    if (isUsed) await onUse?.().catch((error: unknown) => notifyError(error, 'The key was not added'));
    onClose();
  };
  return (
    <Dialog
      title={title}
      onClose={close}
      actions={
        <Button kind="primary" onClick={close}>
          I have stored it
        </Button>
      }
    >
      <p class="warning-box">Copy the key now. It is shown only this once: the server keeps nothing but its hash.</p>
      <div class="issued-key">
        <code>{secret}</code>
        <CopyButton text={secret} label="Copy the key" />
      </div>
      <p>With it, this lists the first keys of the project:</p>
      <CommandLine
        text={`curl '${apiRoot}/api/v1/projects/${project}/store?limit=10${query}' -H 'X-API-Key: ${secret}'`}
      />
      {onUse !== undefined && <Checkbox label="Use it in this session" isChecked={isUsed} onChange={setUsed} />}
    </Dialog>
  );
}
