import { Command, InvalidArgumentError } from 'commander';
import { SCOPES } from '../../../../domain/api-key.js';
import { durationOf } from '../../../../domain/duration.js';
import type { Actions } from '../../actions.js';
import type { ApiClient } from '../../connection/api-client.js';
import { withTargetOptions } from '../../connection/target.js';
import { parseEntryKey, parseProject, parseText } from '../../options/option-values.js';

/** `portkv share`. */
export function shareCommand(actions: Actions): Command {
  return withTargetOptions(new Command('share'))
    .argument('<project>', undefined, parseProject)
    .description('Make an API key for a part of a project, and print a curl line that uses it')
    .option('--prefix <prefix>', 'only keys with this prefix; without it all keys', parseEntryKey, '')
    .option('--scopes <scopes>', `what the key may do, of ${SCOPES.join(', ')}`, parseScopes, ['read'])
    .option(
      '--for <duration>',
      'how long it is valid, such as 30m, 2h or 7d; without it the key never expires',
      parseSeconds,
    )
    .option('--name <name>', 'its name in listings', parseText, 'shared')
    .action((project, { prefix, scopes, for: seconds, name, ...target }) =>
      actions.withClient(target, (client) => share(client, project, { prefix, scopes, seconds, name })),
    );
}

interface Share {
  readonly prefix: string;
  readonly scopes: readonly string[];
  /** Undefined if the key never expires. */
  readonly seconds: number | undefined;
  readonly name: string;
}

/** Prints a new key for a part of the project, and a curl line for its first scope in `EXAMPLES`. */
async function share(client: ApiClient, project: string, { prefix, scopes, seconds, name }: Share): Promise<void> {
  const { data } = await client.call('POST', `${project}/api-keys`, {
    name,
    scopes,
    ...(prefix === '' ? {} : { prefix }),
    ...(seconds === undefined ? {} : { expires_in: seconds }),
  });
  console.log(data.key);
  console.log(curlLine(client.address, project, data.key, prefix, scopes));
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

function parseScopes(text: string): string[] {
  const scopes = text.split(',').map((scope) => scope.trim());
  const unknown = scopes.filter((scope) => !(SCOPES as readonly string[]).includes(scope));
  if (unknown.length === 0) return scopes;
  throw new InvalidArgumentError(`${unknown.join(', ')}: no scope; there are ${SCOPES.join(', ')}`);
}

function parseSeconds(text: string): number {
  const milliseconds = durationOf(text);
  if (milliseconds !== undefined && milliseconds > 0) return milliseconds / 1000;
  throw new InvalidArgumentError('a duration is a number with s, m, h or d, such as 2h');
}
