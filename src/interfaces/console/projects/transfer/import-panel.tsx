import { useRef, useState } from 'preact/hooks';
import { ApiError } from '../../api/api-error.js';
import { Button } from '../../components/button.js';
import { notify } from '../../components/notices.js';
import { bytes, plural } from '../../formats/quantity.js';
import { ConfirmDialog } from '../../forms/confirm-dialog.js';
import { Failure } from '../../forms/failure.js';
import { ProgressBar } from '../../forms/progress-bar.js';
import { useAction } from '../../forms/use-action.js';
import { may, projectKeys } from '../../session/session.js';
import { Section } from '../parts/view-page.js';
import { DropZone } from './drop-zone.js';
import { contentOf, type ImportMode, type ImportReport, sendImport } from './import-file.js';
import { ImportReportList } from './import-report.js';
import { ModeChoice } from './mode-choice.js';

interface Checked {
  readonly report: ImportReport;
  readonly mode: ImportMode;
  readonly isDone: boolean;
}

/** Takes a file, checks it first, shows what it would do, and imports it. */
export function ImportPanel({ project }: { readonly project: string }) {
  const [file, setFile] = useState<File | undefined>();
  const [mode, setMode] = useState<ImportMode>('merge');
  const [checked, setChecked] = useState<Checked | undefined>();
  const [sent, setSent] = useState(0);
  const [isAsked, setAsked] = useState(false);
  const abort = useRef<AbortController | undefined>(undefined);
  const send = useAction(async (from: File, how: ImportMode, isDryRun: boolean) => {
    abort.current = new AbortController();
    setSent(0);
    setChecked(undefined);
    try {
      const options = { mode: how, isDryRun, signal: abort.current.signal, onProgress: setSent };
      const report = await sendImport(project, await contentOf(from), options);
      setChecked({ report, mode: how, isDone: !isDryRun });
      if (!isDryRun) notify(`${plural(report.put, 'entry', 'entries')} imported.`);
    } catch (error) {
      if (!abort.current.signal.aborted) throw error;
    }
  });
  const take = (taken: File) => {
    setFile(taken);
    void send.run(taken, mode, true);
  };
  const changeMode = (next: ImportMode) => {
    setMode(next);
    if (file !== undefined && !send.isBusy) void send.run(file, next, true);
  };
  const mayReplace = may(project, 'delete') && (projectKeys.value.get(project)?.caller.prefix ?? null) === null;
  const isReady = file !== undefined && checked?.isDone === false && checked.mode === mode;
  return (
    <Section
      title="Import"
      hint="Takes an export of any size back, also compressed. It is checked before anything is written."
    >
      <ModeChoice mode={mode} mayReplace={mayReplace} isDisabled={send.isBusy} onChange={changeMode} />
      <DropZone
        text="Drop an export here"
        button={file === undefined ? 'Choose a file' : 'Choose another file'}
        isDisabled={send.isBusy}
        onFile={take}
      />
      {file !== undefined && (
        <p>
          <strong class="file-name">{file.name}</strong> <span class="hint">{bytes(file.size)}</span>
        </p>
      )}
      {send.isBusy && (
        <div class="form">
          <ProgressBar label="Sent to the server" part={sent < 1 ? sent : undefined} />
          <p class="figures">
            <span>{sent < 1 ? `${Math.floor(sent * 100)} % sent` : 'The server reads it to its end…'}</span>
          </p>
          <Button onClick={() => abort.current?.abort()}>Cancel</Button>
        </div>
      )}
      <Failure error={send.error} onRetry={file && (() => void send.run(file, mode, true))}>
        <PartWritten error={send.error} />
      </Failure>
      {checked !== undefined && <ImportReportList {...checked} />}
      {isReady && (
        <div class="row wrap">
          <Button
            icon="upload"
            kind={mode === 'replace' ? 'danger' : 'primary'}
            onClick={() => (mode === 'replace' ? setAsked(true) : void send.run(file, mode, false))}
          >
            {mode === 'replace' ? 'Replace all entries…' : `Import ${plural(checked.report.put, 'entry', 'entries')}`}
          </Button>
        </div>
      )}
      {isAsked && file !== undefined && (
        <ConfirmDialog
          title="Replace all entries?"
          action="Replace all entries"
          project={project}
          onClose={() => setAsked(false)}
          onConfirm={async () => void send.run(file, 'replace', false)}
        >
          <p>
            All entries of <strong>{project}</strong> are replaced by those of {file.name}, at one moment after all of
            it was read. What is there now is lost, unless you take a snapshot first.
          </p>
        </ConfirmDialog>
      )}
    </Section>
  );
}

/** What a merge had written when it failed. */
function PartWritten({ error }: { readonly error: unknown }) {
  if (!(error instanceof ApiError) || typeof error.details.put !== 'number') return null;
  const { put, last_key: last } = error.details;
  if (put === 0) return <p>Nothing was written.</p>;
  return (
    <p>
      {plural(put, 'entry', 'entries')} had been written by then
      {typeof last === 'string' && <>, the last was “{last}”</>}. Import the file again: what is there already is not
      written again.
    </p>
  );
}
