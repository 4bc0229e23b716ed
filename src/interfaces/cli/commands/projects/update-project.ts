import type { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { parseJsonObject, parseProject } from '../../options/option-values.js';
import { printMessage } from '../../output/messages.js';
import { printResult } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';
import { awaitMigration } from './await-migration.js';

/** `portkv projects update`. */
export function updateProjectCommand(actions: Actions): Command {
  return apiCommand('update')
    .argument('<project>', undefined, parseProject)
    .argument('<settings>', 'JSON such as \'{"limits":{"max_keys":1000}}\'; null removes a limit', parseJsonObject)
    .description('Change settings of a project; those that are not named stay. Needs the system key')
    .action((project, settings, { json, ...target }) =>
      actions.withClient({ ...target, needs: 'system' }, async (client) => {
        const { status, data, message } = await client.call('PUT', project, settings);
        const migration = status === 202 ? await awaitMigration(client, project, data, `Moving ${project}`) : null;
        printResult(json, { id: project, updated: true, migration }, []);
        printMessage(message);
      }),
    );
}
