import type { Command } from 'commander';
import type { Actions } from '../../actions.js';
import type { ApiClient } from '../../connection/api-client.js';
import { withQuery } from '../../connection/paths.js';
import { RetryPolicy } from '../../connection/retry.js';
import { UnreachableError } from '../../connection/unreachable-error.js';
import { parseCount, parseEntryKey, parseProject, parseText } from '../../options/option-values.js';
import { printMessage } from '../../output/messages.js';
import { keyText } from '../../output/print-result.js';
import { writeBytes } from '../../output/write-bytes.js';
import { apiCommand } from '../api-command.js';

/** `portkv watch`. */
export function watchCommand(actions: Actions): Command {
  return apiCommand('watch')
    .argument('<project>', undefined, parseProject)
    .description('Print changes as they happen: event, version and key; resync means that some were missed')
    .option('--prefix <prefix>', 'only of keys that begin with it', parseEntryKey)
    .option('--since <token>', 'begin after an earlier change, by the token that --json prints', parseText)
    .option('--changes <number>', 'end after so many', parseCount)
    .action((project, { prefix, since, changes, json, ...target }) =>
      actions.withClient({ ...target, needs: { project } }, async (client) => {
        if (client.isPrivate) throw new UnreachableError('No server is running, so nothing can change');
        await watch(client, project, { prefix, since, changes, json });
      }),
    );
}

interface WatchOptions {
  readonly prefix?: string;
  readonly since?: string;
  readonly changes?: number;
  readonly json?: true;
}

/** A change as the API returns it; the event `resync` stands for those that it no longer has. */
interface Change {
  readonly event: string;
  readonly key?: string;
  readonly version?: string;
}

/** Asks for the changes after the last ones, again and again; a connection that breaks is made again. */
async function watch(client: ApiClient, project: string, options: WatchOptions): Promise<void> {
  const { prefix, changes: limit = Number.POSITIVE_INFINITY, json } = options;
  let since = options.since ?? (await nextChanges(client, project, { prefix, wait: '0' })).since;
  printMessage(`Watching project '${project}'`);
  const retry = new RetryPolicy();
  for (let count = 0; count < limit; ) {
    const next = await nextChanges(client, project, { prefix, since, wait: '30' }).catch((error) => retry.wait(error));
    if (next === undefined) continue;
    retry.reset();
    since = next.since;
    const shown = next.changes.slice(0, limit - count);
    count += shown.length;
    await writeBytes(shown.map((change) => (json ? `${JSON.stringify(change)}\n` : lineOf(change))).join(''));
  }
}

/** The next changes, the last one with the token to go on after it. */
async function nextChanges(
  client: ApiClient,
  project: string,
  query: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly changes: readonly Change[]; readonly since: string }> {
  const path = withQuery(`${project}/changes`, query);
  const { data } = await client.call('GET', path, undefined, { expects: ['changes', 'since'] });
  const changes: Change[] = [...(data.resync ? [{ event: 'resync' }] : []), ...data.changes];
  return {
    changes: [...changes.slice(0, -1), ...changes.slice(-1).map((it) => ({ ...it, since: data.since }))],
    since: data.since,
  };
}

function lineOf({ event, version = '', key = '' }: Change): string {
  return `${[event, version, keyText(key)].join(' ').trimEnd()}\n`;
}
