import { useState } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { DataTable, numbers } from '../../components/data-table.js';
import { count } from '../../formats/quantity.js';
import { duration, exactTime, relativeTime } from '../../formats/time.js';
import { engineTitle } from '../parts/engines.js';
import { Section } from '../parts/view-page.js';
import type { Migration, Project } from './migration.js';
import { mayGoBack, RollBackDialog } from './roll-back-dialog.js';

const STATES = { copying: 'Under way', done: 'Done', failed: 'Failed' } as const;

/** The moves of a project, latest first. */
export function MigrationList(props: {
  readonly project: Project;
  readonly migrations: readonly Migration[];
  /** Is shown above already, with its button. */
  readonly shown: string | undefined;
  readonly onChanged: () => Promise<void>;
}) {
  const { project, migrations, shown, onChanged } = props;
  const [asked, setAsked] = useState<Migration | undefined>();
  const last = migrations.at(-1);
  const canGoBack = (one: Migration) =>
    one === last && one.id !== shown && mayGoBack(one, project.storage.keep_old_for);
  if (migrations.length === 0) return null;
  return (
    <Section title="Moves before" hint="The last twenty.">
      <DataTable columns={['Move', 'When', numbers('Entries'), numbers('Time'), numbers('Pause'), 'Outcome']}>
        {[...migrations].reverse().map((one) => (
          <tr key={one.id}>
            <th scope="row">
              {one.from === one.to
                ? `${engineTitle(one.from)}, encrypted again`
                : `${engineTitle(one.from)} → ${engineTitle(one.to)}`}
            </th>
            <td data-label="When" title={exactTime(one.started_at)}>
              {relativeTime(one.started_at)}
            </td>
            <td data-label="Entries" class="number">
              {one.copied === null ? '–' : count(one.copied)}
            </td>
            <td data-label="Time" class="number">
              {timeOf(one)}
            </td>
            <td data-label="Pause" class="number">
              {one.pause_ms === undefined ? '–' : `${one.pause_ms.toFixed(1)} ms`}
            </td>
            <td data-label="Outcome">
              <div class="project-health">
                <span>{one.rolled_back ? 'Taken back' : STATES[one.state]}</span>
                {one.error !== undefined && <small>{one.error}</small>}
                {canGoBack(one) && (
                  <Button icon="undo" onClick={() => setAsked(one)}>
                    Go back to {engineTitle(one.from)}
                  </Button>
                )}
              </div>
            </td>
          </tr>
        ))}
      </DataTable>
      {asked !== undefined && (
        <RollBackDialog migration={asked} onDone={onChanged} onClose={() => setAsked(undefined)} />
      )}
    </Section>
  );
}

function timeOf({ started_at, finished_at }: Migration): string {
  if (finished_at === undefined) return '–';
  const seconds = finished_at - started_at;
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : duration(seconds);
}
