import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { type ApiError, toApiError } from '../api/api-error.js';
import { Button } from '../components/button.js';
import { Dialog } from '../components/dialog.js';
import { ErrorBox } from '../components/error-box.js';
import type { Entry } from '../operations/read-entry.js';

/** What every dialog about one entry gets. */
export interface EntryDialogProps {
  readonly project: string;
  readonly entry: Entry;
  readonly onClose: () => void;
  /** Says what was done. */
  readonly onDone: (text: string) => void;
}

interface ActionDialogProps {
  readonly title: string;
  readonly action: string;
  readonly isDanger?: boolean;
  readonly isReady: boolean;
  /** Throws if it does not succeed; the dialog shows why and stays. */
  readonly run: () => Promise<void>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A dialog with one action, which may fail. */
export function ActionDialog(props: ActionDialogProps) {
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const submit = async () => {
    if (!props.isReady || isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      await props.run();
    } catch (thrown) {
      setError(toApiError(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={props.title}
      onClose={props.onClose}
      onSubmit={() => void submit()}
      actions={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button
            type="submit"
            kind={props.isDanger ? 'danger' : 'primary'}
            isDisabled={!props.isReady}
            isBusy={isBusy}
          >
            {props.action}
          </Button>
        </>
      }
    >
      {props.children}
      {error !== undefined && <ErrorBox error={error} />}
    </Dialog>
  );
}
