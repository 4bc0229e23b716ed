import type { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { valuePath } from '../../connection/paths.js';
import { parseKeyArgument, parseProject } from '../../options/option-values.js';
import { conditionHeaders, withConditions } from '../../options/write-options.js';
import { printMessage } from '../../output/messages.js';
import { printResult } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';

/** `portkv delete`. */
export function deleteCommand(actions: Actions): Command {
  const command = apiCommand('delete')
    .argument('<project>', undefined, parseProject)
    .argument('<key>', undefined, parseKeyArgument)
    .description('Delete an entry; exits with 4 if it does not exist');
  return withConditions(command, { creates: false }).action((project, key, { json, ...options }) =>
    actions.withClient({ ...options, needs: { project } }, async (client) => {
      await client.raw('DELETE', valuePath(project, key), {
        headers: conditionHeaders(options),
        isExpected: ({ status }) => status === 204,
      });
      printResult(json, { key, deleted: true }, []);
      printMessage(`Key '${key}' deleted from project '${project}'`);
    }),
  );
}
