import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { UnreachableError } from '../../connection/unreachable-error.js';
import { printMessage } from '../../output/messages.js';
import { printResult } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';

/** `portkv console`. */
export function consoleCommand(actions: Actions): Command {
  return apiCommand('console')
    .description('Open the console of a server in a browser, and print its address')
    .option('--no-open', 'only print the address')
    .action(({ json, open, ...target }) =>
      actions.withClient({ ...target, needs: 'any' }, async (client) => {
        if (client.isPrivate) throw new UnreachableError('No server of the data folder is running');
        await client.raw('GET', '/livez', { isExpected: ({ body }) => body.toString() === 'ok\n' });
        await client.raw('GET', '/console/'); // Refused with the cure if the console is off.
        const url = `${client.address}/console/`;
        if (open && !(await openBrowser(url)))
          printMessage('No browser could be opened here; open the address yourself');
        printResult(json, { url }, [url]);
      }),
    );
}

/** Opens the address with `BROWSER`, or with what this system has for it. Whether that could be started. */
function openBrowser(url: string): Promise<boolean> {
  const program = process.env.BROWSER ?? (process.platform === 'darwin' ? 'open' : 'xdg-open');
  const browser = spawn(program, [url], { detached: true, stdio: 'ignore' });
  browser.unref();
  return new Promise((resolve) => {
    browser.on('spawn', () => resolve(true));
    browser.on('error', () => resolve(false));
  });
}
