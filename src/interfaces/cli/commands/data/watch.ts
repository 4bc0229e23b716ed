import type { Command } from 'commander';
import type { Actions } from '../../actions.js';
import type { ApiClient } from '../../connection/api-client.js';
import { RetryPolicy } from '../../connection/retry.js';
import { UnreachableError } from '../../connection/unreachable-error.js';
import { parseCount, parseEntryKey, parseProject, parseText } from '../../options/option-values.js';
import { printMessage } from '../../output/messages.js';
import { writeBytes } from '../../output/write-bytes.js';
import { apiCommand } from '../api-command.js';
import { changeJson, changeLine, changeLineWithValue, nextChanges } from './changes.js';

/** `portkv watch`. */
export function watchCommand(actions: Actions): Command {
  return apiCommand('watch')
    .argument('<project>', undefined, parseProject)
    .description('Print changes as they happen: event, version and key; resync means that some were missed')
    .option('--prefix <prefix>', 'only of keys that begin with it', parseEntryKey)
    .option('--values', 'also print the values put: a tab and the value, with escapes')
    .option('--since <token>', 'begin after an earlier change, by the token that --json prints', parseText)
    .option('--changes <number>', 'end after so many', parseCount)
    .action((project, { prefix, since, changes, json, values, ...target }) =>
      actions.withClient({ ...target, needs: { project } }, async (client) => {
        if (client.isPrivate) throw new UnreachableError('No server is running, so nothing can change');
        await watch(client, project, { prefix, since, changes, json, values });
      }),
    );
}

interface WatchOptions {
  readonly prefix?: string;
  readonly since?: string;
  readonly changes?: number;
  readonly json?: true;
  readonly values?: true;
}

/** Asks for the changes after the last ones, again and again; a connection that breaks is made again. */
async function watch(client: ApiClient, project: string, options: WatchOptions): Promise<void> {
  const { prefix, changes: limit = Number.POSITIVE_INFINITY, json, values } = options;
  const query = { prefix, ...(values ? { include: 'value', as: json ? 'auto' : 'base64' } : {}) };
  const shownAs = json ? changeJson : values ? changeLineWithValue : changeLine;
  let since = options.since ?? (await nextChanges(client, project, { ...query, wait: '0' })).since;
  printMessage(`Watching project '${project}'`);
  const retry = new RetryPolicy();
  for (let count = 0; count < limit; ) {
    const next = await nextChanges(client, project, { ...query, since, wait: '30' }).catch((error) =>
      retry.wait(error),
    );
    if (next === undefined) continue;
    retry.reset();
    since = next.since;
    const shown = next.changes.slice(0, limit - count);
    count += shown.length;
    await writeBytes(shown.map(shownAs).join(''));
  }
}
