import { Icon } from '../../components/icon.js';
import { plural } from '../../formats/quantity.js';
import type { ImportMode, ImportReport } from './import-file.js';

/** What an import did, or would do. */
export function ImportReportList(props: {
  readonly report: ImportReport;
  readonly mode: ImportMode;
  readonly isDone: boolean;
}) {
  const { report, mode, isDone } = props;
  const entries = (n: number) => plural(n, 'entry', 'entries');
  return (
    <div class="import-report" role="status">
      <p class="state good">
        <Icon name="check" />
        <strong>
          {isDone ? `Imported: ${entries(report.count)} read` : `The file is whole: ${entries(report.count)}`}
        </strong>
      </p>
      <ul class="report">
        <li>
          {entries(report.put)} {isDone ? 'written' : 'would be written'}
        </li>
        {mode === 'merge' && (
          <li>
            {entries(report.unchanged)} {report.unchanged === 1 ? 'is' : 'are'} there already and left alone
          </li>
        )}
        {report.removed !== undefined && (
          <li class={report.removed > 0 && !isDone ? 'warn' : ''}>
            {entries(report.removed)} {isDone ? 'removed' : 'would be removed'}
          </li>
        )}
        {report.expired > 0 && <li>{entries(report.expired)} left out, which expired since</li>}
        {report.kept !== undefined && <li>Damaged files are kept in the data folder: {report.kept.join(', ')}</li>}
      </ul>
      {!isDone && <p class="hint">Nothing was changed yet.</p>}
    </div>
  );
}
