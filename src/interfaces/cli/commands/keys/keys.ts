import { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { parseName, parseProject } from '../../options/option-values.js';
import { parseTtl } from '../../options/write-options.js';
import { printMessage } from '../../output/messages.js';
import { printResult, printTable, timeText } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';
import { createKey, withGrantOptions } from './create-key.js';

/** `portkv keys` with its subcommands. */
export function keysCommand(actions: Actions): Command {
  return new Command('keys')
    .description('List, create, rotate and revoke the API keys of a project')
    .addCommand(listCommand(actions))
    .addCommand(createCommand(actions))
    .addCommand(rotateCommand(actions))
    .addCommand(revokeCommand(actions));
}

/** An API key as the API shows it. */
interface ListedKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly prefix: string | null;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
}

function listCommand(actions: Actions): Command {
  return apiCommand('list')
    .argument('<project>', undefined, parseProject)
    .description('List the API keys, without their secrets')
    .action((project, { json, ...target }) =>
      actions.withClient({ ...target, needs: { project, admin: true } }, async (client) => {
        const { data } = await client.call('GET', `${project}/api-keys`, undefined, { expects: ['length'] });
        const rows = (data as ListedKey[]).map(({ id, name, scopes, prefix, expires_at, last_used_at }) => {
          return [id, name, scopes.join(','), prefix ?? '', timeText(expires_at), timeText(last_used_at)];
        });
        printTable(json, data, ['ID', 'NAME', 'SCOPES', 'PREFIX', 'EXPIRES', 'LAST USED'], rows);
      }),
    );
}

function createCommand(actions: Actions): Command {
  return withGrantOptions(apiCommand('create').argument('<project>', undefined, parseProject))
    .description('Create an API key and print it, only this once')
    .action((project, { json, prefix, scopes, for: seconds, name, ...target }) =>
      actions.withClient({ ...target, needs: { project, admin: true } }, async (client) => {
        const key = await createKey(client, project, { prefix, scopes, seconds, name });
        printResult(json, key, [key.key]);
        printMessage(`Key '${key.id}' of project '${project}' created; it is shown only now`);
      }),
    );
}

function rotateCommand(actions: Actions): Command {
  return apiCommand('rotate')
    .argument('<project>', undefined, parseProject)
    .argument('<id>', 'its id, as keys list prints it', parseName)
    .description('Replace the secret of an API key and print the new one. Stored values: portkv encryption rotate')
    .option('--grace <duration>', 'how long the old secret still works, such as 1h', parseTtl)
    .action((project, id, { json, grace, ...target }) =>
      actions.withClient({ ...target, needs: { project, admin: true } }, async (client) => {
        const path = `${project}/api-keys/${encodeURIComponent(id)}/rotate`;
        const body = grace === undefined ? {} : { grace };
        const { data } = await client.call('POST', path, body, { expects: ['key'] });
        printResult(json, data, [data.key]);
        printMessage(`Key '${id}' of project '${project}' has a new secret, which is shown only now`);
      }),
    );
}

function revokeCommand(actions: Actions): Command {
  return apiCommand('revoke')
    .argument('<project>', undefined, parseProject)
    .argument('<id>', 'its id, as keys list prints it', parseName)
    .description('Delete an API key, which fails from then on')
    .action((project, id, { json, ...target }) =>
      actions.withClient({ ...target, needs: { project, admin: true } }, async (client) => {
        const { message } = await client.call('DELETE', `${project}/api-keys/${encodeURIComponent(id)}`);
        printResult(json, { id, revoked: true }, []);
        printMessage(message);
      }),
    );
}
