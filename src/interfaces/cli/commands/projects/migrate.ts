import { type Command, Option } from 'commander';
import { AppError } from '../../../../domain/errors.js';
import type { Actions } from '../../actions.js';
import type { ApiClient } from '../../connection/api-client.js';
import { parseJsonObject, parseProject, parseText } from '../../options/option-values.js';
import { printKept } from '../../output/kept-files.js';
import { printMessage } from '../../output/messages.js';
import { printResult } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';
import { awaitMigration } from './await-migration.js';

/** `portkv migrate`. */
export function migrateCommand(actions: Actions): Command {
  return apiCommand('migrate')
    .argument('<project>', undefined, parseProject)
    .description("Change a project's engine, with its data, while it is in use")
    .addOption(new Option('--to <engine>', 'the new engine').argParser(parseText).conflicts('rollback'))
    .option('--options <json>', 'options of the engine, as JSON', parseJsonObject)
    .addOption(new Option('--rollback', 'go back to the engine before').conflicts('options'))
    .action((project, { to, options, rollback, json, ...target }, command: Command) => {
      if (!rollback && to === undefined) command.error('error: one of --to <engine> and --rollback is required');
      return actions.withClient({ ...target, needs: { project, admin: true } }, async (client) => {
        const migration = await (rollback ? rollBack(client, project) : migrate(client, project, to, options));
        printResult(json, { id: project, migration }, []);
      });
    });
}

/**
 * Changes the engine and waits until the data has moved, even if that is already under way. Resolves with the
 * migration, or null if nothing had to be moved.
 */
async function migrate(
  client: ApiClient,
  project: string,
  to: string,
  options: object | undefined,
): Promise<object | null> {
  await client.requirePersistent(project, to);
  const storage = { engine: to, ...(options === undefined ? {} : { options }) };
  const update = await client.call('PUT', project, { storage });
  const migrations = update.status === 202 ? [update.data] : await migrationsOf(client, project);
  const running = migrations.find(({ state }) => state === 'copying');
  if (running !== undefined) return awaitMigration(client, project, running, `Moving ${project} to ${to}`);
  printMessage(`Project '${project}' uses ${to} already; nothing had to be moved`);
  return null;
}

/** Undoes the last migration that is done, and resolves with it. */
async function rollBack(client: ApiClient, project: string): Promise<object> {
  const migrations = await migrationsOf(client, project);
  const last = migrations.findLast(({ state }) => state === 'done');
  if (last === undefined) throw new AppError('conflict', `Project '${project}' has no migration that could be undone`);
  const { data } = await client.call('POST', `${project}/migrations/${last.id}/rollback`);
  printMessage(`Project '${project}' uses ${data.from} again`);
  printKept(data.kept);
  return data;
}

async function migrationsOf(
  client: ApiClient,
  project: string,
): Promise<readonly { readonly id: string; readonly state: string }[]> {
  return (await client.call('GET', `${project}/migrations`, undefined, { expects: ['length'] })).data;
}
