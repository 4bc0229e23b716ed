import { useId, useState } from 'preact/hooks';
import { bytes } from '../formats/quantity.js';
import { ActionDialog } from '../forms/action-dialog.js';
import { append } from '../operations/transaction.js';
import type { EntryDialogProps } from './entry-dialog-props.js';

export function AppendDialog({ project, entry, onClose, onDone }: EntryDialogProps) {
  const [text, setText] = useState('');
  const id = useId();
  return (
    <ActionDialog
      title="Append text"
      action="Append"
      isReady={text !== ''}
      onClose={onClose}
      run={async () => {
        await append(project, entry.key, text);
        onDone(`Appended ${bytes(new TextEncoder().encode(text).length)}`);
      }}
    >
      <div class="field">
        <label for={id}>Text</label>
        <textarea id={id} rows={5} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        <p class="hint">It goes after the last byte of the value, as it is: begin with a line break to start a line.</p>
      </div>
    </ActionDialog>
  );
}
