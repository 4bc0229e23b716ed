import { useState } from 'preact/hooks';
import { Field } from '../components/field.js';
import { ActionDialog } from '../forms/action-dialog.js';
import { increment } from '../operations/transaction.js';
import type { EntryDialogProps } from './entry-dialog-props.js';

const INTEGER = /^[+-]?\d+$/;

export function IncrementDialog({ project, entry, onClose, onDone }: EntryDialogProps) {
  const [by, setBy] = useState('1');
  const isInteger = INTEGER.test(by.trim());
  const now = new TextDecoder().decode(entry.bytes);
  return (
    <ActionDialog
      title="Add to the number"
      action="Add"
      isReady={isInteger}
      onClose={onClose}
      run={async () => onDone(`The number is now ${await increment(project, entry.key, by.trim().replace('+', ''))}`)}
    >
      <p class="hint">
        It was {now} when it was read. The server adds to what it has at that moment, so no change of others is lost.
      </p>
      <Field
        label="Add"
        value={by}
        onInput={setBy}
        autofocus
        problem={isInteger ? undefined : 'Write a whole number, such as 1 or -5.'}
      />
    </ActionDialog>
  );
}
