import type { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { printTable } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';

const HEADER = ['ID', 'VERSION', 'ADDRESS', 'STATE', 'REVISION', 'SILENT FOR', 'LEASES'];
/** After so many seconds without a report a server refuses requests. */
const SILENT = 2;

/** `portkv nodes`. */
export function nodesCommand(actions: Actions): Command {
  return apiCommand('nodes')
    .description('Print the servers that share a registry, and which revision each serves; needs the system key')
    .action(({ json, ...target }) =>
      actions.withClient({ ...target, needs: 'system' }, async (client) => {
        const { data } = await client.call('GET', '/api/v1/nodes', undefined, { expects: ['length'] });
        printTable(json, data, HEADER, (data as NodeRecord[]).map(rowOf));
      }),
    );
}

/** A server as the API shows it. */
interface NodeRecord {
  readonly id: string | null;
  readonly version: string | null;
  readonly address: string | null;
  readonly state: string | null;
  readonly revision: number | null;
  readonly current: boolean;
  readonly leases: readonly string[];
  /** In seconds. */
  readonly silent_for: number;
}

function rowOf(node: NodeRecord): string[] {
  const { id, version, address, state, revision, current, leases, silent_for: seconds } = node;
  const shown = seconds > SILENT ? 'silent' : (state ?? '');
  const served = revision === null ? '' : `${revision}${current ? '' : ' (old)'}`;
  return [id ?? '', version ?? '', address ?? '', shown, served, `${seconds.toFixed(1)} s`, leases.join(' ')];
}
