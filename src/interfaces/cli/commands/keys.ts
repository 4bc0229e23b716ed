import { Command } from 'commander';
import type { Actions } from '../actions.js';
import { awaitMigration } from '../await-migration.js';
import { parseProject } from '../option-values.js';
import { withTargetOptions } from '../target.js';

/** `portkv keys` with its subcommand. */
export function keysCommand(actions: Actions): Command {
  return new Command('keys')
    .description('Manage the keys that encrypt stored values')
    .addCommand(rotateCommand(actions));
}

function rotateCommand(actions: Actions): Command {
  return withTargetOptions(new Command('rotate'))
    .argument('<project>', undefined, parseProject)
    .description('Encrypt all values again under the current key, while they are in use')
    .action((project, target) =>
      actions.withClient(target, async (client) => {
        const { data } = await client.call('POST', `${project}/encryption/rotate`);
        await awaitMigration(client, project, data, `Encrypting ${project} again`);
      }),
    );
}
