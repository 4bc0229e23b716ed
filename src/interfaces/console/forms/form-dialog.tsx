import type { ComponentChildren } from 'preact';
import { Button } from '../components/button.js';
import { Dialog } from '../components/dialog.js';
import { Failure } from './failure.js';

export interface FormDialogProps {
  readonly title: string;
  /** What its button says. */
  readonly action: string;
  readonly isDanger?: boolean;
  readonly isReady?: boolean;
  readonly isBusy: boolean;
  /** Why it did not succeed. */
  readonly error: unknown;
  /** What else may be done about the error. */
  readonly remedy?: ComponentChildren;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A dialog that is a form: a button that sends it, one that leaves it, and below what went wrong. */
export function FormDialog(props: FormDialogProps) {
  const { isDanger = false, isReady = true, onClose } = props;
  return (
    <Dialog
      title={props.title}
      onClose={onClose}
      onSubmit={() => isReady && props.onSubmit()}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind={isDanger ? 'danger' : 'primary'} isBusy={props.isBusy} isDisabled={!isReady}>
            {props.action}
          </Button>
        </>
      }
    >
      {props.children}
      <Failure error={props.error} isForm>
        {props.remedy}
      </Failure>
    </Dialog>
  );
}
