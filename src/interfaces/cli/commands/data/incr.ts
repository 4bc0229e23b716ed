import { type Command, InvalidArgumentError } from 'commander';
import type { Actions } from '../../actions.js';
import { entryPath } from '../../connection/paths.js';
import { parseKeyArgument, parseProject } from '../../options/option-values.js';
import { conditionHeaders, expiryQuery, withConditions, withExpiryOfNew } from '../../options/write-options.js';
import { apiCommand } from '../api-command.js';

/** `portkv incr`. */
export function incrCommand(actions: Actions): Command {
  const command = apiCommand('incr')
    .argument('<project>', undefined, parseProject)
    .argument('<key>', undefined, parseKeyArgument)
    .argument('[by]', 'what to add, an integer of any size; may be negative', parseInteger, '1')
    .description('Add to a counter, which begins at 0, and print its new value');
  return withConditions(withExpiryOfNew(command), { creates: true }).action((project, key, by, { json, ...options }) =>
    actions.withClient({ ...options, needs: { project } }, async (client) => {
      await client.requirePersistent(project);
      const expiry = Object.entries(expiryQuery(options)).map(([name, value]) => `,"${name}":${value}`);
      const body = Buffer.from(`{"by":${by}${expiry.join('')}}`);
      const headers = { ...conditionHeaders(options), 'Content-Type': 'application/json' };
      const { data, text } = await client.call('POST', entryPath(project, key, 'increment'), body, {
        headers,
        expects: ['value', 'version'],
      });
      const value = digitsOf(data, text);
      const times = { expires_at: data.expires_at ?? null, version: data.version };
      const members = `"key":${JSON.stringify(key)},"value":${value},${JSON.stringify(times).slice(1, -1)}`;
      console.log(json ? `{${members}}` : value);
    }),
  );
}

/** JavaScript cannot hold every counter; servers that do not return its digits as text have no metadata either. */
function digitsOf(data: { readonly value_text?: unknown }, text: string): string | undefined {
  if (typeof data.value_text === 'string') return data.value_text;
  return /"value":\s*(-?\d+)/.exec(text)?.[1];
}

function parseInteger(text: string): string {
  const [, sign = '', digits] = /^([+-]?)0*(\d{1,1000})$/.exec(text) ?? [];
  if (digits !== undefined) return `${sign === '-' ? '-' : ''}${digits}`;
  throw new InvalidArgumentError('it is not an integer');
}
