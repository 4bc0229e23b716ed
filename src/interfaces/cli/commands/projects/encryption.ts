import { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { parseProject } from '../../options/option-values.js';
import { printResult } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';
import { awaitMigration } from './await-migration.js';

/** `portkv encryption` with its subcommand. */
export function encryptionCommand(actions: Actions): Command {
  return new Command('encryption')
    .description('Manage the encryption of stored values')
    .addCommand(rotateCommand(actions));
}

function rotateCommand(actions: Actions): Command {
  return apiCommand('rotate')
    .argument('<project>', undefined, parseProject)
    .description('Encrypt all values again under the current encryption key, while they are in use')
    .action((project, { json, ...target }) =>
      actions.withClient({ ...target, needs: { project, admin: true } }, async (client) => {
        const { data } = await client.call('POST', `${project}/encryption/rotate`, undefined, { expects: ['id'] });
        printResult(json, await awaitMigration(client, project, data, `Encrypting ${project} again`), []);
      }),
    );
}
