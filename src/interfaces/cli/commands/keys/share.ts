import type { Command } from 'commander';
import type { Actions } from '../../actions.js';
import type { ApiClient } from '../../connection/api-client.js';
import { parseProject } from '../../options/option-values.js';
import { printResult } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';
import { createKey, withGrantOptions } from './create-key.js';

/** `portkv share`. */
export function shareCommand(actions: Actions): Command {
  return withGrantOptions(apiCommand('share').argument('<project>', undefined, parseProject))
    .description('Make an API key for a part of a project, and print a curl line with it and, if it may watch, a URL')
    .action((project, { json, prefix, scopes, for: seconds, name, ...target }) =>
      actions.withClient({ ...target, needs: { project, admin: true } }, async (client) => {
        const data = await createKey(client, project, { prefix, scopes, seconds, name });
        const curl = curlLine(client.address, project, data.key, prefix, scopes);
        const stream = scopes.includes('watch') ? await streamOf(client, project, data.key, prefix) : undefined;
        const lines = [data.key, curl, ...(stream === undefined ? [] : [stream])];
        printResult(json, { ...data, curl, ...(stream === undefined ? {} : { stream }) }, lines);
      }),
    );
}

/** A URL that a browser can open as an `EventSource`, once and within a minute: it cannot send the key in a header. */
async function streamOf(client: ApiClient, project: string, key: string, prefix: string): Promise<string> {
  const path = `${project}/changes/tickets${prefix === '' ? '' : `?prefix=${encodeURIComponent(prefix)}`}`;
  const headers = { Authorization: `Bearer ${key}` };
  const { data } = await client.call('POST', path, undefined, { headers, expects: ['ticket'] });
  return `${client.address}/api/v1/projects/${project}/changes?ticket=${data.ticket}`;
}

/** An example for each scope, the most instructive first: arguments for curl, and the path below the project. */
const EXAMPLES: readonly (readonly [scope: string, args: string, path: (prefix: string) => string])[] = [
  ['watch', "-N -H 'Accept: text/event-stream' ", (prefix) => `/changes?prefix=${prefix}`],
  ['list', '', (prefix) => `/store?keys_only=true&prefix=${prefix}`],
  ['read', '', (prefix) => (prefix === '' ? '/values?key=example' : `/latest?prefix=${prefix}`)],
  ['write', '-X PUT -d hello ', (prefix) => `/values?key=${prefix}example`],
  ['delete', '-X DELETE ', (prefix) => `/store?dry_run=true&prefix=${prefix}`],
  ['admin', '', () => ''],
];

function curlLine(address: string, project: string, key: string, prefix: string, scopes: readonly string[]): string {
  const [, args, path] = EXAMPLES.find(([scope]) => scopes.includes(scope)) ?? ['', '', () => ''];
  const url = `${address}/api/v1/projects/${project}${path(encodeURIComponent(prefix))}`.replace(/[?&]prefix=$/, '');
  return `curl ${args}-H 'Authorization: Bearer ${key}' '${url.replaceAll("'", '%27')}'`;
}
