import type { components } from '#openapi';
import { Button } from '../../components/button.js';
import { ACTIONS, DataTable } from '../../components/data-table.js';
import { exactTime, relativeTime } from '../../formats/time.js';
import { projectKeys, systemKey } from '../../session/session.js';

export type ApiKey = components['schemas']['ApiKey'];

export function ApiKeyTable(props: {
  readonly project: string;
  readonly keys: readonly ApiKey[];
  readonly onRotate: (id: string) => void;
  readonly onRevoke: (id: string) => void;
}) {
  const own = projectKeys.value.get(props.project)?.caller.id;
  return (
    <DataTable columns={['Key', 'May', 'Prefix', 'Expires', 'Last used', ACTIONS]}>
      {props.keys.map((one) => (
        <tr key={one.id}>
          <th scope="row">
            {one.name}
            <small>
              <code>{one.id}</code> {one.id === own && <span class="badge">this session</span>}
            </small>
            {isFuture(one.previous_expires_at) && (
              <small title={exactTime(one.previous_expires_at)}>
                the old secret works until {relativeTime(one.previous_expires_at)}
              </small>
            )}
          </th>
          <td data-label="May">{one.scopes.length === 6 ? 'everything' : one.scopes.join(', ')}</td>
          <td data-label="Prefix">{one.prefix === null ? 'all keys' : <code>{one.prefix}</code>}</td>
          <td data-label="Expires">
            <Moment at={one.expires_at} otherwise="never" />
          </td>
          <td data-label="Last used">
            <Moment at={one.last_used_at} otherwise="not yet" />
          </td>
          <td class="actions">
            <div class="row wrap">
              {(!one.primary || systemKey.value !== undefined) && (
                <Button icon="refresh" onClick={() => props.onRotate(one.id)}>
                  {one.primary ? 'Replace' : 'Rotate'}
                  <span class="visually-hidden"> {one.name}</span>
                </Button>
              )}
              {one.primary && systemKey.value === undefined && <span class="hint">Replaced with the system key</span>}
              {!one.primary && (
                <Button
                  icon="delete"
                  kind="quiet"
                  label={`Revoke ${one.name}`}
                  onClick={() => props.onRevoke(one.id)}
                />
              )}
            </div>
          </td>
        </tr>
      ))}
    </DataTable>
  );
}

function isFuture(at: number | null): at is number {
  return at !== null && at > Date.now() / 1000;
}

function Moment({ at, otherwise }: { readonly at: number | null; readonly otherwise: string }) {
  if (at === null) return <span class="hint">{otherwise}</span>;
  return <span title={exactTime(at)}>{relativeTime(at)}</span>;
}
