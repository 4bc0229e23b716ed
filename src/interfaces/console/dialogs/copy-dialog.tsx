import { useState } from 'preact/hooks';
import { Checkbox, Field } from '../components/field.js';
import { ActionDialog } from '../forms/action-dialog.js';
import { isWhole, readEntry } from '../operations/read-entry.js';
import { copyTo } from '../operations/transaction.js';
import type { EntryDialogProps } from './entry-dialog-props.js';

/** Copies or renames an entry in one transaction: at no moment are there two halves of it. */
export function CopyDialog({ project, entry, isRename, onClose, onDone }: EntryDialogProps & { isRename: boolean }) {
  const [to, setTo] = useState(entry.key);
  const [mayReplace, setReplace] = useState(false);
  return (
    <ActionDialog
      title={isRename ? 'Rename' : 'Copy to another key'}
      action={isRename ? 'Rename' : 'Copy'}
      isReady={to !== '' && to !== entry.key}
      onClose={onClose}
      run={async () => {
        const whole = isWhole(entry) ? entry : await readEntry(project, entry.key, true);
        await copyTo(project, whole, to, { isRename, mayReplace });
        onDone(to);
      }}
    >
      <Field
        label="New key"
        value={to}
        onInput={setTo}
        autofocus
        hint={
          isRename
            ? 'The value, its type, expiry and metadata move at one moment. The new key gets a new version.'
            : 'The value, its type, expiry and metadata are copied.'
        }
      />
      <Checkbox label="Replace an entry that has this key" isChecked={mayReplace} onChange={setReplace} />
    </ActionDialog>
  );
}
