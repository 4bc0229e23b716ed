import type { Signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { Button } from '../components/button.js';
import { notifyError } from '../components/notices.js';
import { count } from '../formats/quantity.js';
import { readItems } from '../operations/delete-entries.js';
import { exportOf } from '../operations/export-file.js';
import { saveFile } from '../operations/save-file.js';
import { may } from '../session/session.js';

interface SelectionBarProps {
  readonly project: string;
  readonly selected: Signal<ReadonlySet<string>>;
  readonly onDelete: () => void;
}

/** What can be done with the entries that are selected. */
export function SelectionBar({ project, selected, onDelete }: SelectionBarProps) {
  const [isBusy, setBusy] = useState(false);
  const keys = [...selected.value];
  if (keys.length === 0) return null;
  const download = async () => {
    setBusy(true);
    try {
      const file = exportOf(project, await readItems(project, keys));
      saveFile(new Blob([file], { type: 'application/x-ndjson' }), `${project}.ndjson`);
    } catch (error) {
      notifyError(error, 'Nothing was downloaded');
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="selection-bar" role="toolbar" aria-label="Selected entries">
      <span class="grow">{count(keys.length)} selected</span>
      {may(project, 'read') && (
        <Button icon="download" isBusy={isBusy} onClick={() => void download()}>
          Export
        </Button>
      )}
      {may(project, 'delete') && (
        <Button icon="delete" kind="danger" onClick={onDelete}>
          Delete
        </Button>
      )}
      <Button
        icon="close"
        kind="quiet"
        label="Select none"
        onClick={() => {
          selected.value = new Set();
        }}
      />
    </div>
  );
}
