import { type Command, InvalidArgumentError } from 'commander';
import type { Actions } from '../../actions.js';
import { entryPath } from '../../connection/paths.js';
import { parseKeyArgument, parseProject } from '../../options/option-values.js';
import { conditionHeaders, withConditions } from '../../options/write-options.js';
import { apiCommand } from '../api-command.js';

/** `portkv incr`. */
export function incrCommand(actions: Actions): Command {
  const command = apiCommand('incr')
    .argument('<project>', undefined, parseProject)
    .argument('<key>', undefined, parseKeyArgument)
    .argument('[by]', 'what to add, an integer of any size; may be negative', parseInteger, '1')
    .description('Add to a counter, which begins at 0, and print its new value');
  return withConditions(command, { creates: true }).action((project, key, by, { json, ...options }) =>
    actions.withClient({ ...options, needs: { project } }, async (client) => {
      await client.requirePersistent(project);
      const body = Buffer.from(`{"by":${by}}`);
      const headers = { ...conditionHeaders(options), 'Content-Type': 'application/json' };
      const { data, text } = await client.call('POST', entryPath(project, key, 'increment'), body, {
        headers,
        expects: ['value', 'version'],
      });
      // JavaScript cannot hold every counter, so its digits are taken as they came.
      const [, value] = /"value":\s*(-?\d+)/.exec(text) ?? [];
      console.log(json ? `{"key":${JSON.stringify(key)},"value":${value},"version":"${data.version}"}` : value);
    }),
  );
}

function parseInteger(text: string): string {
  const [, sign = '', digits] = /^([+-]?)0*(\d{1,1000})$/.exec(text) ?? [];
  if (digits !== undefined) return `${sign === '-' ? '-' : ''}${digits}`;
  throw new InvalidArgumentError('it is not an integer');
}
