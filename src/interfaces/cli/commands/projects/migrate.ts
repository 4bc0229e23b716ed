import { Command, InvalidArgumentError, Option } from 'commander';
import { AppError } from '../../../../domain/errors.js';
import type { Actions } from '../../actions.js';
import type { ApiClient } from '../../connection/api-client.js';
import { withTargetOptions } from '../../connection/target.js';
import { parseProject, parseText } from '../../options/option-values.js';
import { printKept } from '../../output/kept-files.js';
import { awaitMigration } from './await-migration.js';

/** `portkv migrate`. */
export function migrateCommand(actions: Actions): Command {
  return withTargetOptions(new Command('migrate'))
    .argument('<project>', undefined, parseProject)
    .description("Change a project's engine, with its data, while it is in use")
    .addOption(new Option('--to <engine>', 'the new engine').argParser(parseText).conflicts('rollback'))
    .option('--options <json>', 'options of the engine, as JSON', parseEngineOptions)
    .addOption(new Option('--rollback', 'go back to the engine before').conflicts('options'))
    .action((project, { to, options, rollback, ...target }, command: Command) => {
      if (!rollback && to === undefined) command.error('error: one of --to <engine> and --rollback is required');
      const task = (client: ApiClient) =>
        rollback ? rollBack(client, project) : migrate(client, project, to, options);
      return actions.withClient(target, task);
    });
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

/** Undoes the last migration that is done. */
async function rollBack(client: ApiClient, project: string): Promise<void> {
  const { data: migrations } = await client.call('GET', `${project}/migrations`);
  const last = migrations.findLast(({ state }: { state: string }) => state === 'done');
  if (last === undefined) throw new AppError('conflict', `Project '${project}' has no migration that could be undone`);
  const { data } = await client.call('POST', `${project}/migrations/${last.id}/rollback`);
  console.error(`Project '${project}' uses ${data.from} again`);
  printKept(data.kept);
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
