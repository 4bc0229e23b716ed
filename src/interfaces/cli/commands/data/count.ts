import type { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { withQuery } from '../../connection/paths.js';
import { parseEntryKey, parseProject } from '../../options/option-values.js';
import { printResult } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';

/** `portkv count`. */
export function countCommand(actions: Actions): Command {
  return apiCommand('count')
    .argument('<project>', undefined, parseProject)
    .description('Print the number of entries')
    .option('--prefix <prefix>', 'only of keys that begin with it', parseEntryKey)
    .action((project, { prefix, json, ...target }) =>
      actions.withClient({ ...target, needs: { project } }, async (client) => {
        const path = withQuery(`${project}/store`, { count: 'only', prefix });
        const { data } = await client.call('GET', path, undefined, { expects: ['count'] });
        printResult(json, { count: data.count }, [String(data.count)]);
      }),
    );
}
