import { dataOf } from '../../api/client.js';
import { notify } from '../../components/notices.js';
import { secondsOf } from '../../formats/time.js';
import { ConfirmDialog } from '../../forms/confirm-dialog.js';
import { adminApi } from '../../session/session.js';
import { engineTitle } from '../parts/engines.js';
import type { Migration } from './migration.js';

const DEFAULT_KEEP = '24h';

/** Whether the data from before a move is still kept; the server knows whether it was written to since. */
export function mayGoBack(migration: Migration, keepOldFor = DEFAULT_KEEP): boolean {
  const { state, rolled_back, from, finished_at = 0 } = migration;
  if (state !== 'done' || rolled_back || from === 'memory') return false;
  return Date.now() / 1000 < finished_at + (secondsOf(keepOldFor) ?? 0);
}

/** Asks before a project goes back to the data that it had before a move. */
export function RollBackDialog(props: {
  readonly migration: Migration;
  readonly onDone: () => Promise<void>;
  readonly onClose: () => void;
}) {
  const { id, project, from, to } = props.migration;
  const rollBack = async () => {
    const path = { project, migration: id };
    await dataOf(
      adminApi(project).POST('/api/v1/projects/{project}/migrations/{migration}/rollback', { params: { path } }),
    );
    await props.onDone();
    notify(`The project is back on ${engineTitle(from)}.`);
  };
  return (
    <ConfirmDialog
      title={`Go back to ${engineTitle(from)}?`}
      action="Go back"
      onConfirm={rollBack}
      onClose={props.onClose}
    >
      <p>
        The project uses the copy again that {engineTitle(from)} kept, and the copy of {engineTitle(to)} is deleted. If
        anything was written since the move, the server refuses: then move the project back like any other change of
        engine.
      </p>
      <p class="hint">
        If the data is damaged now, it goes back all the same, and what was written since the move is given up.
      </p>
    </ConfirmDialog>
  );
}
