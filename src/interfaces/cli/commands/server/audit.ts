import type { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { withQuery } from '../../connection/paths.js';
import { parseCount, parseProject } from '../../options/option-values.js';
import { parseTime } from '../../options/write-options.js';
import { printTable, timeText } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';

const HEADER = ['TIME', 'WHO', 'ACT', 'PROJECT', 'ADDRESS', 'OUTCOME', 'MORE'];

/** `portkv audit`. */
export function auditCommand(actions: Actions): Command {
  return apiCommand('audit')
    .description('Print who did what, latest first; needs the system key')
    .option('--limit <number>', 'at most so many records, up to 1000', parseCount, 100)
    .option('--since <time>', 'only from then on, as ISO 8601 or in seconds since 1970', parseTime)
    .option('--until <time>', 'only before', parseTime)
    .option('--project <project>', 'only about this project', parseProject)
    .option('--act <operation>', 'only this operation, such as createApiKey')
    .option('--who <id>', 'only what the key with this id did')
    .option('--outcome <outcome>', 'done, the code of an error, or failed for all errors')
    .action(({ limit, since, until, project, act, who, outcome, json, ...target }) =>
      actions.withClient({ ...target, needs: 'system' }, async (client) => {
        const path = withQuery('/api/v1/audit', { limit, since, until, project, act, who, outcome });
        const { data } = await client.call('GET', path, undefined, { expects: ['length'] });
        printTable(json, data, HEADER, (data as AuditRecord[]).map(rowOf));
      }),
    );
}

/** A record as the API shows it. */
interface AuditRecord {
  /** In seconds since 1970. */
  readonly time: number;
  readonly who: string;
  readonly act: string;
  readonly project: string | null;
  readonly address: string | null;
  readonly outcome: string;
  readonly repeated: number;
}

function rowOf({ time, who, act, project, address, outcome, repeated }: AuditRecord): string[] {
  return [timeText(time), who, act, project ?? '', address ?? '', outcome, repeated === 0 ? '' : `+${repeated}`];
}
