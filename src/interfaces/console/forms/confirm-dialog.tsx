import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Field } from '../components/field.js';
import { ActionDialog } from './action-dialog.js';

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
  const isNamed = project === undefined || typed === project;
  const run = async () => {
    setChecked(true);
    if (!isNamed) return;
    await onConfirm();
    onClose();
  };
  return (
    <ActionDialog
      title={props.title}
      action={props.action}
      isDanger={project !== undefined}
      isReady={props.isDisabled !== true}
      run={run}
      onClose={onCancel}
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
    </ActionDialog>
  );
}
