import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../components/button.js';
import { Icon, type IconName } from '../components/icon.js';
import { Menu } from '../components/menu.js';
import { notify, notifyError } from '../components/notices.js';
import { AppendDialog } from '../dialogs/append-dialog.js';
import { CopyDialog } from '../dialogs/copy-dialog.js';
import { ExpiryDialog } from '../dialogs/expiry-dialog.js';
import { IncrementDialog } from '../dialogs/increment-dialog.js';
import { type Entry, isWhole, readEntry } from '../operations/read-entry.js';
import { saveFile } from '../operations/save-file.js';
import { putEntry } from '../operations/write-entry.js';
import { may } from '../session/session.js';

interface EntryActionsProps {
  readonly project: string;
  readonly entry: Entry;
  readonly mayEdit: boolean;
  readonly hasDraft: boolean;
  readonly onEdit: () => void;
  readonly onChanged: () => void;
  readonly onOpen: (key: string) => void;
  readonly onGone: (key: string) => void;
  readonly onDelete: () => void;
}

type Action = 'expiry' | 'increment' | 'append' | 'copy' | 'rename';

const INTEGER = /^-?\d+$/;

export function EntryActions(props: EntryActionsProps) {
  const { project, entry, onChanged } = props;
  const [action, setAction] = useState<Action>();
  const [isDownloading, setDownloading] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const mayWrite = may(project, 'write');
  const mayDelete = may(project, 'delete');
  const close = () => setAction(undefined);
  const changed = (text: string) => {
    close();
    notify(text);
    onChanged();
  };
  useEffect(() => setAction(undefined), [entry.key]);

  const download = async () => {
    setDownloading(true);
    try {
      const { bytes, contentType } = isWhole(entry) ? entry : await readEntry(project, entry.key, true);
      saveFile(new Blob([bytes], { type: contentType }), entry.key.split('/').at(-1) || 'value');
    } catch (error) {
      notifyError(error, 'Nothing was downloaded');
    } finally {
      setDownloading(false);
    }
  };
  const replaceBy = async (file: File | undefined) => {
    if (file === undefined) return;
    try {
      const options = { contentType: file.type || entry.contentType, expected: entry.version };
      await putEntry(project, entry.key, file, options);
      changed(`The value is now ${file.name}`);
    } catch (error) {
      notifyError(error, 'The value was not replaced');
    }
  };
  const dialogs = { project, entry, onClose: close, onDone: changed };
  const text = new TextDecoder().decode(entry.bytes.subarray(0, 400));

  return (
    <div class="row wrap actions">
      {props.mayEdit && (
        <Button icon="edit" kind="primary" shortcut="e" onClick={props.onEdit}>
          {props.hasDraft ? 'Go on editing' : 'Edit'}
        </Button>
      )}
      <Button icon="download" isBusy={isDownloading} onClick={() => void download()}>
        Download
      </Button>
      {mayWrite && (
        <Menu label="More actions">
          <MenuItem icon="clock" onClick={() => setAction('expiry')} text="Change its expiry" />
          {INTEGER.test(text) && (
            <MenuItem icon="add" onClick={() => setAction('increment')} text="Add to the number" />
          )}
          <MenuItem icon="append" onClick={() => setAction('append')} text="Append text" />
          <MenuItem icon="upload" onClick={() => files.current?.click()} text="Replace by a file" />
          <MenuItem icon="copy" onClick={() => setAction('copy')} text="Copy to another key" />
          {mayDelete && <MenuItem icon="rename" onClick={() => setAction('rename')} text="Rename" />}
        </Menu>
      )}
      <span class="grow" />
      {mayDelete && (
        <Button icon="delete" kind="danger" shortcut="Delete" onClick={props.onDelete}>
          Delete
        </Button>
      )}
      <input
        ref={files}
        type="file"
        hidden
        aria-label="File with the new value"
        onChange={(event) => {
          void replaceBy(event.currentTarget.files?.[0]);
          event.currentTarget.value = '';
        }}
      />
      {action === 'expiry' && <ExpiryDialog {...dialogs} />}
      {action === 'increment' && <IncrementDialog {...dialogs} />}
      {action === 'append' && <AppendDialog {...dialogs} />}
      {(action === 'copy' || action === 'rename') && (
        <CopyDialog
          {...dialogs}
          isRename={action === 'rename'}
          onDone={(to) => {
            close();
            notify(action === 'rename' ? `Renamed to ${to}` : `Copied to ${to}`);
            if (action === 'rename') props.onGone(entry.key);
            props.onOpen(to);
          }}
        />
      )}
    </div>
  );
}

function MenuItem(props: { readonly icon: IconName; readonly text: string; readonly onClick: () => void }) {
  return (
    <button type="button" role="menuitem" class="item" onClick={props.onClick}>
      <Icon name={props.icon} />
      {props.text}
    </button>
  );
}
