import { Command, InvalidArgumentError } from 'commander';
import type { Actions } from '../actions.js';
import type { ApiClient } from '../api-client.js';
import { awaitMigration } from '../await-migration.js';
import { parseProject, parseText } from '../option-values.js';
import { withTargetOptions } from '../target.js';

/** `portkv migrate`. */
export function migrateCommand(actions: Actions): Command {
  return withTargetOptions(new Command('migrate'))
    .argument('<project>', undefined, parseProject)
    .description("Change a project's engine, with its data, while it is in use")
    .requiredOption('--to <engine>', 'the new engine', parseText)
    .option('--options <json>', 'options of the engine, as JSON', parseEngineOptions)
    .action((project, { to, options, ...target }) =>
      actions.withClient(target, (client) => migrate(client, project, to, options)),
    );
}

/** Changes the engine and waits until the data has moved, even if that is already under way. */
async function migrate(client: ApiClient, project: string, to: string, options: object | undefined): Promise<void> {
  await client.requirePersistent(project, to);
  const storage = { engine: to, ...(options === undefined ? {} : { options }) };
  const update = await client.call('PUT', project, { storage });
  const migrations = update.status === 202 ? [update.data] : (await client.call('GET', `${project}/migrations`)).data;
  const running = migrations.find(({ state }: { state: string }) => state === 'copying');
  if (running !== undefined) return awaitMigration(client, project, running, `Moving ${project} to ${to}`);
  console.error(`Project '${project}' uses ${to} already; nothing had to be moved`);
}

function parseEngineOptions(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Falls through: text that is no JSON is no object either.
  }
  throw new InvalidArgumentError('options are a JSON object');
}
