import type { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { memberLines, printResult } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';

/** `portkv whoami`. */
export function whoamiCommand(actions: Actions): Command {
  return apiCommand('whoami')
    .description('Print which server is asked, what kind of key that is, and what it may do')
    .action(({ json, ...target }) =>
      actions.withClient({ ...target, needs: 'any' }, async (client) => {
        const { data } = await client.call('GET', '/api/v1/whoami', undefined, { expects: ['kind'] });
        const result = { url: client.address, ...data };
        printResult(json, result, memberLines(result));
      }),
    );
}
