import { Command } from 'commander';
import type { Actions } from '../../actions.js';
import { parseName, parseProject } from '../../options/option-values.js';
import { printKept } from '../../output/kept-files.js';
import { printResult } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';
import { verifyCommand } from './verify.js';

/** `portkv snapshot` with its subcommands. */
export function snapshotCommand(actions: Actions): Command {
  return new Command('snapshot')
    .description('Take, list, restore, verify and delete snapshots')
    .addCommand(createCommand(actions))
    .addCommand(listCommand(actions))
    .addCommand(restoreCommand(actions))
    .addCommand(deleteCommand(actions))
    .addCommand(verifyCommand(actions));
}

function createCommand(actions: Actions): Command {
  return apiCommand('create')
    .argument('<project>', undefined, parseProject)
    .description('Take a snapshot')
    .action((project, { json, ...target }) =>
      actions.withClient({ ...target, needs: { project, admin: true } }, async (client) => {
        const { data } = await client.call('POST', `${project}/snapshots`, undefined, {
          expects: ['id', 'created_at'],
        });
        printResult(json, data, [snapshotLine(data)]);
      }),
    );
}

function listCommand(actions: Actions): Command {
  return apiCommand('list')
    .argument('<project>', undefined, parseProject)
    .description('List the snapshots, earliest first')
    .action((project, { json, ...target }) =>
      actions.withClient({ ...target, needs: { project, admin: true } }, async (client) => {
        const { data } = await client.call('GET', `${project}/snapshots`, undefined, { expects: ['length'] });
        printResult(json, data, data.map(snapshotLine));
      }),
    );
}

function restoreCommand(actions: Actions): Command {
  return apiCommand('restore')
    .argument('<project>', undefined, parseProject)
    .argument('<snapshot>', undefined, parseName)
    .description('Replace all entries with those of a snapshot; damaged files are put aside')
    .option('--into <project>', 'restore into another project', parseProject)
    .action((project, id, { into, json, ...target }) =>
      actions.withClient({ ...target, needs: { project, admin: true } }, async (client) => {
        await client.requirePersistent(into ?? project);
        const path = `${project}/snapshots/${encodeURIComponent(id)}/restore`;
        const { data, message } = await client.call('POST', path, into === undefined ? {} : { into }, {
          expects: ['count', 'expired', 'removed'],
        });
        const removed = data.removed === null ? '' : `, ${data.removed} removed`;
        const counts = ` (${data.count} entries, ${data.expired} expired${removed})`;
        printResult(json, data, [`${message}${data.count === null ? '' : counts}`]);
        printKept(data.kept);
      }),
    );
}

function deleteCommand(actions: Actions): Command {
  return apiCommand('delete')
    .argument('<project>', undefined, parseProject)
    .argument('<snapshot>', undefined, parseName)
    .description('Delete a snapshot')
    .action((project, id, { json, ...target }) =>
      actions.withClient({ ...target, needs: { project, admin: true } }, async (client) => {
        const { message } = await client.call('DELETE', `${project}/snapshots/${encodeURIComponent(id)}`);
        printResult(json, { id, deleted: true }, [message]);
      }),
    );
}

/** A snapshot as the API lists it. */
interface ListedSnapshot {
  readonly id: string;
  /** In seconds since 1970. */
  readonly created_at: number;
  /** Null if the project hides its keys. */
  readonly count: number | null;
  readonly bytes: number;
  readonly reason: string;
  /** The server that has its file, if there are several. */
  readonly server?: string;
}

function snapshotLine({ id, created_at, count, bytes, reason, server }: ListedSnapshot): string {
  const content = `${count ?? 'hidden'} entries  ${bytes} bytes`;
  const place = server === undefined ? '' : `  ${server}`;
  return `${id}  ${new Date(created_at * 1000).toISOString()}  ${content}  ${reason}${place}`;
}
