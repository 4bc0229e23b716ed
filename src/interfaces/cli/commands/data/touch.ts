import type { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { entryPath } from '../../connection/paths.js';
import { parseKeyArgument, parseProject } from '../../options/option-values.js';
import { conditionHeaders, parseTtl, withConditions } from '../../options/write-options.js';
import { printResult, timeText } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';

/** `portkv touch`. */
export function touchCommand(actions: Actions): Command {
  const command = apiCommand('touch')
    .argument('<project>', undefined, parseProject)
    .argument('<key>', undefined, parseKeyArgument)
    .argument('<ttl>', 'how long it lives from now on, such as 90s, 2h or 7d, or never to keep it', parseLifetime)
    .description('Set when an entry expires, and print the time');
  return withConditions(command, { creates: false }).action((project, key, ttl, { json, ...options }) =>
    actions.withClient({ ...options, needs: { project } }, async (client) => {
      const headers = conditionHeaders(options);
      const { data } = await client.call(
        'POST',
        entryPath(project, key, 'touch'),
        { ttl },
        {
          headers,
          expects: ['expires_at', 'version'],
        },
      );
      printResult(json, { key, ...data }, [timeText(data.expires_at)]);
    }),
  );
}

function parseLifetime(text: string): number | null {
  return text === 'never' ? null : parseTtl(text);
}
