import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../components/button.js';
import { Dialog } from '../components/dialog.js';
import { Field } from '../components/field.js';
import { Failure } from './failure.js';
import { useAction } from './use-action.js';

/** Asks before something is done; what cannot be undone asks for the name of the project. */
export function ConfirmDialog(props: {
  readonly title: string;
  readonly action: string;
  /** The name that must be typed, if it is dangerous. */
  readonly project?: string;
  readonly isDisabled?: boolean;
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
  /** If closing after it was done is another thing than leaving it. */
  readonly onCancel?: () => void;
  readonly children: ComponentChildren;
}) {
  const { project, onConfirm, onClose, onCancel = onClose } = props;
  const [typed, setTyped] = useState('');
  const [isChecked, setChecked] = useState(false);
  const confirm = useAction(async () => {
    await onConfirm();
    onClose();
  });
  const isNamed = project === undefined || typed === project;
  const submit = () => {
    setChecked(true);
    if (isNamed && props.isDisabled !== true) void confirm.run();
  };
  return (
    <Dialog
      title={props.title}
      onClose={onCancel}
      onSubmit={submit}
      actions={
        <>
          <Button onClick={onCancel}>Cancel</Button>
          <Button
            type="submit"
            kind={project === undefined ? 'primary' : 'danger'}
            isBusy={confirm.isBusy}
            isDisabled={props.isDisabled === true}
          >
            {props.action}
          </Button>
        </>
      }
    >
      {props.children}
      {project !== undefined && (
        <Field
          label={`To confirm, type the name of the project: ${project}`}
          value={typed}
          autocomplete="off"
          onInput={setTyped}
          problem={isChecked && !isNamed ? `This is not “${project}”.` : undefined}
        />
      )}
      <Failure error={confirm.error} />
    </Dialog>
  );
}
