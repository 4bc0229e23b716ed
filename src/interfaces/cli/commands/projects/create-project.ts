import { type Command, Option } from 'commander';
import type { Actions } from '../../actions.js';
import { withQuery } from '../../connection/paths.js';
import { parseJsonObject, parseProject, parseText } from '../../options/option-values.js';
import { printMessage } from '../../output/messages.js';
import { printResult } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';

/** `portkv projects create`. */
export function createProjectCommand(actions: Actions): Command {
  return apiCommand('create')
    .argument('<project>', undefined, parseProject)
    .description('Create a project and print its API key, only this once; needs the system key')
    .option('--engine <engine>', 'storage engine', parseText)
    .addOption(
      new Option('--settings <json>', 'its settings, such as \'{"limits":{"max_keys":1000}}\'')
        .argParser(parseJsonObject)
        .default({}, 'those of the server'),
    )
    .addOption(
      new Option('--existing <what>', 'what happens to data that is there under this id already').choices([
        'adopt',
        'move-aside',
      ]),
    )
    .action((project, { json, engine, settings, existing, ...target }) =>
      actions.withClient({ ...target, needs: 'system' }, async (client) => {
        const storage = engine === undefined ? {} : { storage: { ...settings.storage, engine } };
        const body = { ...settings, ...storage, id: project };
        const path = withQuery('/api/v1/projects', { existing });
        const { data } = await client.call('POST', path, body, { expects: ['new_api_key'] });
        printResult(json, { id: project, key: data.new_api_key }, [data.new_api_key]);
        printMessage(`Project '${project}' created; its key is shown only now`);
      }),
    );
}
