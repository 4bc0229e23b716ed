import { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { withTargetOptions } from '../../connection/target.js';
import { parseProject } from '../../options/option-values.js';
import { printKept } from '../../output/kept-files.js';

/** `portkv clear`. */
export function clearCommand(actions: Actions): Command {
  return withTargetOptions(new Command('clear'))
    .argument('<project>', undefined, parseProject)
    .description('Delete all entries of a project, which keeps its settings and keys; damaged files are put aside')
    .requiredOption('--yes', 'confirm it')
    .action((project, { yes: _, ...target }) =>
      actions.withClient(target, async (client) => {
        const { data } = await client.call('DELETE', `${project}/store`);
        console.error(`Project '${project}' is empty now`);
        printKept(data?.kept);
      }),
    );
}
