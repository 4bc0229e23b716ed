import { useState } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { Field } from '../../components/field.js';

interface NameDialogProps {
  readonly project: string;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
}

/** Asks for the name of the project before everything in it is given up. */
export function NameDialog({ project, onClose, onConfirm }: NameDialogProps) {
  const [name, setName] = useState('');
  return (
    <Dialog
      title={`Begin ${project} empty`}
      onClose={onClose}
      onSubmit={() => name === project && onConfirm()}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" type="submit" isDisabled={name !== project}>
            Begin empty
          </Button>
        </>
      }
    >
      <p>The project is served again at once, without any entry. Its damaged files are put aside in the data folder.</p>
      <Field label={`Type ${project} to confirm`} autocomplete="off" autofocus value={name} onInput={setName} />
    </Dialog>
  );
}
