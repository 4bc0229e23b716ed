import { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { parseProject } from '../../options/option-values.js';
import { printMessage } from '../../output/messages.js';
import { memberLines, printResult } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';
import { createProjectCommand } from './create-project.js';
import { updateProjectCommand } from './update-project.js';

/** `portkv projects` with its subcommands. */
export function projectsCommand(actions: Actions): Command {
  return new Command('projects')
    .description('List, create, show, update and delete projects')
    .addCommand(listCommand(actions))
    .addCommand(createProjectCommand(actions))
    .addCommand(showCommand(actions))
    .addCommand(updateProjectCommand(actions))
    .addCommand(deleteCommand(actions));
}

function listCommand(actions: Actions): Command {
  return apiCommand('list')
    .description('Print the ids of all projects; needs the system key')
    .action(({ json, ...target }) =>
      actions.withClient({ ...target, needs: 'system' }, async (client) => {
        const { data } = await client.call('GET', '/api/v1/projects');
        printResult(json, data, Object.keys(Object(data)).sort());
      }),
    );
}

function showCommand(actions: Actions): Command {
  return apiCommand('show')
    .argument('<project>', undefined, parseProject)
    .description('Print the settings of a project')
    .action((project, { json, ...target }) =>
      actions.withClient({ ...target, needs: { project, admin: true } }, async (client) => {
        const { data } = await client.call('GET', project, undefined, { expects: ['id', 'storage'] });
        printResult(json, data, memberLines(data));
      }),
    );
}

function deleteCommand(actions: Actions): Command {
  return apiCommand('delete')
    .argument('<project>', undefined, parseProject)
    .description('Delete a project with its data, snapshots and keys; needs the system key')
    .requiredOption('--yes', 'confirm it')
    .option('--force', 'also if its data cannot be read and there are snapshots, which could be restored')
    .action((project, { json, yes: _, force, ...target }) =>
      actions.withClient({ ...target, needs: 'system' }, async (client) => {
        const { message } = await client.call('DELETE', `${project}${force ? '?force=true' : ''}`);
        printResult(json, { id: project, deleted: true }, []);
        printMessage(message);
      }),
    );
}
