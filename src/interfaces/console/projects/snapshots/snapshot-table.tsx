import { useState } from 'preact/hooks';
import type { components } from '#openapi';
import { toApiError } from '../../api/api-error.js';
import { dataOf } from '../../api/client.js';
import { Button } from '../../components/button.js';
import { ACTIONS, DataTable, numbers } from '../../components/data-table.js';
import { Icon } from '../../components/icon.js';
import { bytes, count } from '../../formats/quantity.js';
import { exactTime, relativeTime } from '../../formats/time.js';
import { adminApi } from '../../session/session.js';
import { engineTitle } from '../parts/engines.js';

export type Snapshot = components['schemas']['Snapshot'];

interface Props {
  readonly project: string;
  readonly onRestore: (id: string) => void;
  readonly onDelete: (id: string) => void;
}

export function SnapshotTable({ snapshots, ...props }: Props & { readonly snapshots: readonly Snapshot[] }) {
  return (
    <DataTable columns={['Taken', numbers('Entries'), numbers('Size'), 'From', 'Check', ACTIONS]}>
      {snapshots.map((snapshot) => (
        <SnapshotRow key={snapshot.id} snapshot={snapshot} {...props} />
      ))}
    </DataTable>
  );
}

type Check =
  | { readonly kind: 'whole'; readonly count: number | null }
  | { readonly kind: 'damaged' | 'failed'; readonly text: string };

function SnapshotRow({ project, snapshot, onRestore, onDelete }: Props & { readonly snapshot: Snapshot }) {
  const { id, created_at, reason, encrypted, engine } = snapshot;
  const [check, setCheck] = useState<Check | 'running' | undefined>();
  const verify = async () => {
    setCheck('running');
    setCheck(await checkOf(project, id));
  };
  return (
    <tr>
      <th scope="row">
        <span title={exactTime(created_at)}>{relativeTime(created_at)}</span>
        <small>
          {exactTime(created_at)} {reason === 'routine' && <span class="badge">scheduled</span>}{' '}
          {encrypted && <span class="badge">encrypted</span>}
        </small>
      </th>
      <td data-label="Entries" class="number">
        {snapshot.count === null ? '–' : count(snapshot.count)}
      </td>
      <td data-label="Size" class="number">
        {bytes(snapshot.bytes)}
      </td>
      <td data-label="From">{engineTitle(engine)}</td>
      <td data-label="Check">
        <div role="status">
          <CheckResult check={check} />
        </div>
      </td>
      <td class="actions">
        <div class="row wrap">
          <Button isBusy={check === 'running'} onClick={verify}>
            Verify<span class="visually-hidden"> {id}</span>
          </Button>
          <Button onClick={() => onRestore(id)}>
            Restore…<span class="visually-hidden"> {id}</span>
          </Button>
          <Button icon="delete" kind="quiet" label={`Delete ${id}`} onClick={() => onDelete(id)} />
        </div>
      </td>
    </tr>
  );
}

function CheckResult({ check }: { readonly check: Check | 'running' | undefined }) {
  if (check === undefined) return <span class="hint">Not yet</span>;
  if (check === 'running') return <span class="hint">Reading all of it…</span>;
  if (check.kind === 'whole') {
    return (
      <span class="state good">
        <Icon name="check" /> Whole{check.count !== null && `, ${count(check.count)}`}
      </span>
    );
  }
  return (
    <span class="state bad">
      <Icon name="alert" /> {check.text}
    </span>
  );
}

async function checkOf(project: string, snapshot: string): Promise<Check> {
  const path = '/api/v1/projects/{project}/snapshots/{snapshot}/verify';
  try {
    const data = await dataOf(adminApi(project).POST(path, { params: { path: { project, snapshot } } }));
    return { kind: 'whole', count: data.count };
  } catch (error) {
    const { status, message } = toApiError(error);
    return { kind: status === 422 ? 'damaged' : 'failed', text: message };
  }
}
