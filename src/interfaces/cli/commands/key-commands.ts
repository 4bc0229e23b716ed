import { Command, InvalidArgumentError } from 'commander';
import { SCOPES } from '../../../domain/api-key.js';
import { durationOf } from '../../../domain/duration.js';
import type { Actions } from '../actions.js';
import { targeted } from '../target.js';
import { awaitMigration } from './migrate.js';
import { shareSlice } from './share.js';

/** `portkv share` and `portkv keys`. */
export function addKeyCommands(program: Command, actions: Actions): void {
  targeted(
    program.command('share <project>'),
    'Make an API key for a part of a project, and print a curl line that uses it',
  )
    .option('--prefix <prefix>', 'only keys that begin so', '')
    .option('--scopes <scopes>', `what the key may do, of ${SCOPES.join(', ')}`, scopesOf, ['read'])
    .option('--for <duration>', 'how long it works, such as 30m, 2h or 7d; for ever where this is left out', secondsOf)
    .option('--name <name>', 'its name in listings', 'shared')
    .action((project, { prefix, scopes, for: seconds, name, ...target }) =>
      actions.withClient(target, (client) => shareSlice(client, project, { prefix, scopes, seconds, name })),
    );
  const keys = new Command('keys').description('Keys that encrypt what is stored');
  targeted(
    keys.command('rotate <project>'),
    'Encrypt all values again under the current key, while they are in use',
  ).action((project, target) =>
    actions.withClient(target, async (client) => {
      const { data } = await client.call('POST', `${project}/encryption/rotate`);
      await awaitMigration(client, project, data, `Encrypting ${project} again`);
    }),
  );
  program.addCommand(keys);
}

function scopesOf(text: string): string[] {
  const scopes = text.split(',').map((scope) => scope.trim());
  const unknown = scopes.filter((scope) => !(SCOPES as readonly string[]).includes(scope));
  if (unknown.length === 0) return scopes;
  throw new InvalidArgumentError(`${unknown.join(', ')}: no scope; there are ${SCOPES.join(', ')}`);
}

function secondsOf(text: string): number {
  const milliseconds = durationOf(text);
  if (milliseconds !== undefined && milliseconds > 0) return milliseconds / 1000;
  throw new InvalidArgumentError('a duration is a number with s, m, h or d, such as 2h');
}
