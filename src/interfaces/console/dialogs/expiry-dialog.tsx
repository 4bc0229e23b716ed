import { useState } from 'preact/hooks';
import { Button } from '../components/button.js';
import { Field } from '../components/field.js';
import { exactTime, relativeTime, secondsOf } from '../formats/time.js';
import { ActionDialog } from '../forms/action-dialog.js';
import { touch } from '../operations/transaction.js';
import type { EntryDialogProps } from './entry-dialog-props.js';

const EXAMPLES = ['15 min', '1 h', '1 d', '7 d', '30 d'];

export function ExpiryDialog({ project, entry, onClose, onDone }: EntryDialogProps) {
  const [text, setText] = useState('');
  const seconds = text.trim() === '' ? null : secondsOf(text);
  return (
    <ActionDialog
      title="Change the expiry"
      action={seconds === null ? 'Keep for ever' : 'Set expiry'}
      isReady={seconds !== undefined && (seconds !== null || entry.expiresAt !== undefined)}
      onClose={onClose}
      run={async () => {
        await touch(project, entry.key, seconds ?? null);
        onDone(seconds ? `Expires ${relativeTime(Date.now() / 1000 + seconds)}` : 'Does not expire');
      }}
    >
      <p class="hint">
        {entry.expiresAt === undefined
          ? 'It does not expire now.'
          : `It expires ${relativeTime(entry.expiresAt)}, ${exactTime(entry.expiresAt)}.`}
      </p>
      <Field
        label="Expires after"
        value={text}
        onInput={setText}
        autofocus
        placeholder="never"
        problem={seconds === undefined ? 'Write a time such as 90 s, 15 min, 2 h or 7 d.' : undefined}
        hint={
          seconds
            ? `${exactTime(Date.now() / 1000 + seconds)}`
            : 'From now on. Leave it empty to keep the entry for ever.'
        }
      />
      <div class="row wrap">
        {EXAMPLES.map((example) => (
          <Button key={example} onClick={() => setText(example)}>
            {example}
          </Button>
        ))}
      </div>
    </ActionDialog>
  );
}
