import type { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { parseProject } from '../../options/option-values.js';
import { printKept } from '../../output/kept-files.js';
import { printMessage } from '../../output/messages.js';
import { printResult } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';

/** `portkv clear`. */
export function clearCommand(actions: Actions): Command {
  return apiCommand('clear')
    .argument('<project>', undefined, parseProject)
    .description('Delete all entries of a project, which keeps its settings and keys; damaged files are put aside')
    .requiredOption('--yes', 'confirm it')
    .action((project, { json, yes: _, ...target }) =>
      actions.withClient({ ...target, needs: { project } }, async (client) => {
        const { data } = await client.call('DELETE', `${project}/store`);
        printResult(json, { id: project, kept: data?.kept ?? [] }, []);
        printMessage(`Project '${project}' is empty now`);
        printKept(data?.kept);
      }),
    );
}
