import type { Durability } from '../../../../application/ports/project-storage.js';
import type { Connections } from './pools.js';
import { readError } from './postgres-error.js';

const SQL = `SELECT current_setting('server_version') AS version, current_setting('max_connections') AS connections,
  current_setting('synchronous_commit') AS synchronous, current_setting('synchronous_standby_names') AS standbys,
  current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages, pg_is_in_recovery() AS standby`;

type Settings = Readonly<Record<'version' | 'connections' | 'synchronous' | 'standbys' | 'fsync' | 'pages', string>>;

/** What commits on this server survive, as its settings are now. */
export async function serverDurability(server: Connections, poolSize: number, name: string): Promise<Durability> {
  let row: Readonly<Record<string, unknown>> | undefined;
  try {
    [row] = await server.query(SQL);
  } catch (error) {
    throw readError(error, name);
  }
  const settings = row as unknown as Settings;
  return { commit: durabilityOf(settings), warnings: warningsOf(settings, row?.standby === true, poolSize) };
}

function durabilityOf({ fsync, synchronous, standbys }: Settings): string {
  if (fsync === 'off') return 'may lose any commit at a crash of the server: fsync is off';
  if (synchronous === 'off') return 'may lose the last commits at a crash of the server: synchronous_commit is off';
  if (standbys === '' || synchronous === 'local') return 'survives a crash of the server, as long as its disk is whole';
  const seen = synchronous === 'remote_apply' ? ', which has applied it' : '';
  return `survives the loss of the server: a standby has each commit${seen}`;
}

function warningsOf({ fsync, synchronous, pages, connections }: Settings, isStandby: boolean, poolSize: number) {
  const warnings: string[] = [];
  if (fsync === 'off') warnings.push('fsync is off: a crash can lose or damage everything');
  if (pages === 'off') warnings.push('full_page_writes is off: a crash can damage pages');
  if (synchronous === 'off')
    warnings.push('synchronous_commit is off: a crash loses the last commits, which were acknowledged');
  if (isStandby) warnings.push('it is a standby, and refuses writes');
  if (Number(connections) < poolSize * 2) {
    warnings.push(`max_connections is ${connections}, and pool_size ${poolSize} of them may be taken by this server`);
  }
  return warnings;
}
