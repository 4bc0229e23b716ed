import { type Command, InvalidArgumentError } from 'commander';
import { SCOPES } from '../../../../domain/api-key.js';
import type { ApiClient } from '../../connection/api-client.js';
import { parseEntryKey, parseText } from '../../options/option-values.js';
import { parseTtl } from '../../options/write-options.js';

/** What a new key may do, and for how long. */
export interface Grant {
  /** The empty string for all keys. */
  readonly prefix: string;
  readonly scopes: readonly string[];
  /** Undefined if the key never expires. */
  readonly seconds: number | undefined;
  readonly name: string;
}

/** An API key as the API shows it once. */
export interface CreatedKey {
  readonly id: string;
  readonly key: string;
}

/** Adds the options that make up a `Grant`. */
export function withGrantOptions(command: Command): Command {
  return command
    .option('--prefix <prefix>', 'only entries whose keys have this prefix; without it all', parseEntryKey, '')
    .option('--scopes <scopes>', `what the key may do, of ${SCOPES.join(', ')}`, parseScopes, ['read'])
    .option(
      '--for <duration>',
      'how long it is valid, such as 30m, 2h or 7d; without it the key never expires',
      parseTtl,
    )
    .option('--name <name>', 'its name in listings', parseText, 'shared');
}

export async function createKey(
  client: ApiClient,
  project: string,
  { prefix, scopes, seconds, name }: Grant,
): Promise<CreatedKey> {
  const grant = {
    name,
    scopes,
    ...(prefix === '' ? {} : { prefix }),
    ...(seconds === undefined ? {} : { expires_in: seconds }),
  };
  return (await client.call('POST', `${project}/api-keys`, grant, { expects: ['id', 'key'] })).data;
}

function parseScopes(text: string): string[] {
  const scopes = text.split(',').map((scope) => scope.trim());
  const unknown = scopes.filter((scope) => !(SCOPES as readonly string[]).includes(scope));
  if (unknown.length === 0) return scopes;
  throw new InvalidArgumentError(`${unknown.join(', ')}: no scope; there are ${SCOPES.join(', ')}`);
}
