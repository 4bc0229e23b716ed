import { useRef, useState } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { CommandLine } from '../../components/empty-state.js';
import { Checkbox } from '../../components/field.js';
import { notify } from '../../components/notices.js';
import { bytes, count, plural } from '../../formats/quantity.js';
import { Failure } from '../../forms/failure.js';
import { ProgressBar } from '../../forms/progress-bar.js';
import { useAction } from '../../forms/use-action.js';
import { saveFile } from '../../operations/save-file.js';
import { apiRoot } from '../../routing/addresses.js';
import { Section } from '../parts/view-page.js';
import { type ExportProgress, fetchExport } from './export-file.js';

export function ExportPanel({ project }: { readonly project: string }) {
  const [isCompressed, setCompressed] = useState(false);
  const [progress, setProgress] = useState<ExportProgress | undefined>();
  const abort = useRef<AbortController | undefined>(undefined);
  const download = useAction(async () => {
    abort.current = new AbortController();
    try {
      const file = await fetchExport(project, { isCompressed, signal: abort.current.signal, onProgress: setProgress });
      if (file === undefined) return;
      saveFile(file.blob, `${project}-${today()}.ndjson${isCompressed ? '.gz' : ''}`);
      notify(`${plural(file.entries, 'entry', 'entries')} exported.`);
    } finally {
      setProgress(undefined);
    }
  });
  return (
    <Section
      title="Export"
      hint="All entries as of one moment, as JSON lines; writes go on meanwhile. It is not encrypted."
    >
      <Checkbox label="Compress it (.gz)" isChecked={isCompressed} onChange={setCompressed} />
      {progress !== undefined && (
        <div class="form">
          <ProgressBar
            label="Entries exported"
            part={progress.total === undefined ? undefined : progress.entries / Math.max(1, progress.total)}
          />
          <p class="figures">
            <span>
              {count(progress.entries)}
              {progress.total !== undefined && ` of ${count(progress.total)}`} entries
            </span>
            <span>{bytes(progress.bytes)}</span>
          </p>
        </div>
      )}
      <Failure error={download.error} />
      <div class="row wrap">
        <Button icon="download" kind="primary" isBusy={download.isBusy} onClick={download.run}>
          Download the export
        </Button>
        {download.isBusy && <Button onClick={() => abort.current?.abort()}>Cancel</Button>}
      </div>
      <details>
        <summary>For a project that is larger than the memory of the browser</summary>
        <CommandLine
          text={`curl ${apiRoot}/api/v1/projects/${project}/export -H "X-API-Key: $KEY" | gzip > ${project}.ndjson.gz`}
        />
      </details>
    </Section>
  );
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
