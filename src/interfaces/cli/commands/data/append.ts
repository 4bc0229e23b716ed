import type { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { entryPath } from '../../connection/paths.js';
import { parseContentType, parseKeyArgument, parseProject } from '../../options/option-values.js';
import { openValue, withValue } from '../../options/value-argument.js';
import { conditionHeaders, withConditions } from '../../options/write-options.js';
import { printMessage } from '../../output/messages.js';
import { printResult } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';

/** `portkv append`. */
export function appendCommand(actions: Actions): Command {
  const command = apiCommand('append')
    .argument('<project>', undefined, parseProject)
    .argument('<key>', undefined, parseKeyArgument)
    .description('Append bytes to the value of an entry, which is created if it is missing')
    .option('--type <content-type>', 'content type of an entry that is created', parseContentType);
  return withConditions(withValue(command), { creates: true }).action(
    (project, key, value, { json, type, file, ...options }) =>
      actions.withClient({ ...options, needs: { project } }, async (client) => {
        const body = await openValue(value, file);
        await client.requirePersistent(project);
        const headers = { ...conditionHeaders(options), 'Content-Type': type };
        const { data } = await client.call('POST', entryPath(project, key, 'append'), body, {
          headers,
          expects: ['size_bytes', 'version'],
        });
        printResult(json, { key, ...data }, []);
        printMessage(`Key '${key}' has ${data.size_bytes} bytes now`);
      }),
  );
}
