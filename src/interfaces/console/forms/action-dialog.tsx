import { FormDialog, type FormDialogProps } from './form-dialog.js';
import { useAction } from './use-action.js';

interface ActionDialogProps extends Omit<FormDialogProps, 'isBusy' | 'error' | 'remedy' | 'onSubmit'> {
  /** Throws if it does not succeed; the dialog shows why and stays. */
  readonly run: () => Promise<void>;
}

/** A dialog with one action, which may fail. */
export function ActionDialog({ run, ...props }: ActionDialogProps) {
  const action = useAction(run);
  return <FormDialog {...props} isBusy={action.isBusy} error={action.error} onSubmit={() => void action.run()} />;
}
