import type { components } from '#openapi';
import { DataTable, numbers } from '../components/data-table.js';

export type ServerNode = components['schemas']['Node'];

/** After so many seconds without a report a server refuses requests. */
const SILENT = 2;

const COLUMNS = ['Name', 'State', 'Version', 'Address', numbers('Revision'), numbers('Last report'), 'Leases'];

/** The servers that share a registry. */
export function NodesTable({ nodes }: { readonly nodes: readonly ServerNode[] }) {
  return (
    <section class="nodes" aria-labelledby="nodes-title">
      <h2 id="nodes-title">Servers that share the registry</h2>
      <DataTable columns={COLUMNS}>
        {nodes.map((node) => (
          <Row key={`${node.id} ${node.address}`} node={node} />
        ))}
      </DataTable>
    </section>
  );
}

function Row({ node }: { readonly node: ServerNode }) {
  const { id, version, address, state, self, revision, current, leases, silent_for: seconds } = node;
  const isSilent = seconds > SILENT;
  return (
    <tr>
      <th scope="row">
        {id ?? '–'}
        {self && <small>answers this page</small>}
      </th>
      <td data-label="State" class={isSilent ? 'problem' : ''}>
        {isSilent ? 'silent' : (state ?? '–')}
      </td>
      <td data-label="Version">{version ?? '–'}</td>
      <td data-label="Address">{address ?? '–'}</td>
      <td data-label="Revision" class="number">
        {revision ?? '–'}
        {!current && ' (old)'}
      </td>
      <td data-label="Last report" class="number">
        {self ? 'now' : `${seconds.toFixed(1)} s ago`}
      </td>
      <td data-label="Leases">{leases.length === 0 ? '–' : leases.join(', ')}</td>
    </tr>
  );
}
