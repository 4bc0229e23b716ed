import { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { withTargetOptions } from '../../connection/target.js';
import { parseProject } from '../../options/option-values.js';
import { awaitMigration } from './await-migration.js';

/** `portkv encryption` with its subcommand. */
export function encryptionCommand(actions: Actions): Command {
  return new Command('encryption')
    .description('Manage the encryption of stored values')
    .addCommand(rotateCommand(actions));
}

function rotateCommand(actions: Actions): Command {
  return withTargetOptions(new Command('rotate'))
    .argument('<project>', undefined, parseProject)
    .description('Encrypt all values again under the current encryption key, while they are in use')
    .action((project, target) =>
      actions.withClient(target, async (client) => {
        const { data } = await client.call('POST', `${project}/encryption/rotate`);
        await awaitMigration(client, project, data, `Encrypting ${project} again`);
      }),
    );
}
