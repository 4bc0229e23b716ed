import { useEffect, useState } from 'preact/hooks';
import { Checkbox } from '../components/field.js';
import { plural } from '../formats/quantity.js';
import { ActionDialog } from '../forms/action-dialog.js';
import { countForDeletion, deletePrefix, entriesBelow } from '../operations/delete-entries.js';
import type { StoredItem } from '../operations/export-file.js';

interface DeletePrefixDialogProps {
  readonly project: string;
  readonly prefix: string;
  readonly onClose: () => void;
  /** `before` is what was there, if it could be kept. */
  readonly onDeleted: (count: number, before: readonly StoredItem[] | undefined) => void;
}

/** Deletes all keys that begin so, after the server has counted them. */
export function DeletePrefixDialog({ project, prefix, onClose, onDeleted }: DeletePrefixDialogProps) {
  const [count, setCount] = useState<number>();
  const [problem, setProblem] = useState<string>();
  const [isLarge, setLarge] = useState(false);
  const [isSure, setSure] = useState(false);
  useEffect(() => {
    countForDeletion(project, prefix).then(setCount, (error: Error) => setProblem(error.message));
  }, [project, prefix]);
  return (
    <ActionDialog
      title="Delete all keys with this prefix"
      action={count === undefined ? 'Delete' : `Delete ${plural(count, 'key')}`}
      isDanger
      isReady={count !== undefined && count > 0 && (!isLarge || isSure)}
      onClose={onClose}
      run={async () => {
        const before = isLarge ? undefined : await entriesBelow(project, prefix);
        if (before === undefined && !isLarge) return setLarge(true);
        const deleted = await deletePrefix(project, prefix);
        onDeleted(deleted ?? count ?? 0, before);
      }}
    >
      <p>
        {problem ??
          (count === undefined
            ? 'Counting…'
            : `${plural(count, 'key')} now ${count === 1 ? 'begins' : 'begin'} with`)}{' '}
        <code>{prefix}</code>
        {problem === undefined && '. Keys that are added until you confirm are deleted, too.'}
      </p>
      {isLarge && (
        <>
          <p class="warning-box">
            This is too much to be put back by “Undo”, or your key may not read it. Take a snapshot or an export first.
          </p>
          <Checkbox label="Delete them for good" isChecked={isSure} onChange={setSure} />
        </>
      )}
    </ActionDialog>
  );
}
