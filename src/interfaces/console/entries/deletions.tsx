import { useEffect } from 'preact/hooks';
import { notify, notifyError } from '../components/notices.js';
import { DeletePrefixDialog } from '../dialogs/delete-prefix-dialog.js';
import { plural } from '../formats/quantity.js';
import { deleteEntries, restoreEntries } from '../operations/delete-entries.js';
import type { StoredItem } from '../operations/export-file.js';

interface DeletionsProps {
  readonly project: string;
  readonly deletion: { readonly names: readonly string[]; readonly isGroup: boolean } | undefined;
  readonly onClose: () => void;
  readonly onDeleted: (names: readonly string[], isGroup: boolean) => void;
  readonly onRestored: (items: readonly StoredItem[]) => void;
}

/** Deletes entries at once, because that can be undone; keys with a prefix only after they were counted. */
export function Deletions({ project, deletion, onClose, onDeleted, onRestored }: DeletionsProps) {
  const undo = async (before: readonly StoredItem[]) => {
    try {
      const restored = await restoreEntries(project, before);
      const left = before.length - restored.length;
      const others = left > 0 ? ` ${plural(left, 'key was', 'keys were')} written again meanwhile and left alone.` : '';
      notify(`Restored ${plural(restored.length, 'entry', 'entries')}.${others}`);
      onRestored(restored);
    } catch (error) {
      notifyError(error, 'Not restored');
    }
  };
  const report = (text: string, before: readonly StoredItem[] | undefined) =>
    notify(text, before?.length ? { label: 'Undo', run: () => void undo(before) } : undefined);

  useEffect(() => {
    if (deletion === undefined || deletion.isGroup) return;
    const { names } = deletion;
    onClose();
    deleteEntries(project, names).then(
      (before) => {
        onDeleted(names, false);
        report(
          names.length === 1 ? `Deleted ${names[0]}` : `Deleted ${plural(names.length, 'entry', 'entries')}`,
          before,
        );
      },
      (error) => notifyError(error, 'Not deleted'),
    );
  }, [deletion]);

  const [prefix] = deletion?.names ?? [];
  if (deletion === undefined || !deletion.isGroup || prefix === undefined) return null;
  return (
    <DeletePrefixDialog
      project={project}
      prefix={prefix}
      onClose={onClose}
      onDeleted={(count, before) => {
        onClose();
        onDeleted([prefix], true);
        report(`Deleted ${plural(count, 'key')} with ${prefix}`, before);
      }}
    />
  );
}
