import { useState } from 'preact/hooks';
import { ApiError, toApiError } from '../api/api-error.js';
import { Checkbox, Field } from '../components/field.js';
import { bytes, plural } from '../formats/quantity.js';
import { ActionDialog } from '../forms/action-dialog.js';
import { putEntry } from '../operations/write-entry.js';

interface UploadDialogProps {
  readonly project: string;
  readonly files: readonly File[];
  readonly prefix: string;
  readonly onClose: () => void;
  readonly onDone: (keys: readonly string[]) => void;
}

/** Stores files, each under a prefix and its name. */
export function UploadDialog({ project, files, prefix: first, onClose, onDone }: UploadDialogProps) {
  const [prefix, setPrefix] = useState(first);
  const [mayReplace, setReplace] = useState(false);
  const [states, setStates] = useState<ReadonlyMap<string, string>>(new Map());
  const isOne = files.length === 1;
  const note = (name: string, state: string) => setStates((before) => new Map(before).set(name, state));

  const run = async () => {
    const failed: string[] = [];
    for (const file of files) {
      if (states.get(file.name) === 'stored') continue;
      note(file.name, 'uploading…');
      try {
        await putEntry(project, prefix + file.name, file, {
          contentType: file.type,
          expected: mayReplace ? undefined : 'absent',
        });
        note(file.name, 'stored');
      } catch (error) {
        const { status, message } = toApiError(error);
        failed.push(file.name);
        note(file.name, status === 412 ? 'exists already' : message);
      }
    }
    if (failed.length > 0) throw new ApiError(0, 'upload', `${plural(failed.length, 'file')} could not be stored.`);
    onDone(files.map(({ name }) => prefix + name));
  };
  return (
    <ActionDialog
      title={isOne ? 'Upload a file' : `Upload ${files.length} files`}
      action="Upload"
      isReady={files.length > 0}
      onClose={onClose}
      run={run}
    >
      <Field label="Prefix of the keys" value={prefix} onInput={setPrefix} placeholder="none" autofocus />
      <ul class="files">
        {files.map((file) => (
          <li key={file.name}>
            <code>{prefix + file.name}</code>
            <span class="hint">{states.get(file.name) ?? bytes(file.size)}</span>
          </li>
        ))}
      </ul>
      <Checkbox label="Replace entries that have these keys" isChecked={mayReplace} onChange={setReplace} />
    </ActionDialog>
  );
}
