import { Command } from 'commander';
import type { Actions } from '../actions.js';
import { targeted } from '../target.js';

interface Listed {
  readonly id: string;
  readonly created_at: number;
  /** Null where the project hides its keys. */
  readonly count: number | null;
  readonly bytes: number;
  readonly reason: string;
}

/** `portkv snapshot …`. */
export function snapshotCommands(actions: Actions): Command {
  const snapshot = new Command('snapshot').description('Take, list, restore, verify and delete snapshots');
  targeted(snapshot.command('create <project>'), 'Take a snapshot').action((project, options) =>
    actions.withClient(options, async (client) => {
      const { data } = await client.call('POST', `${project}/snapshots`);
      console.log(lineOf(data));
    }),
  );
  targeted(snapshot.command('list <project>'), 'List the snapshots, earliest first').action((project, options) =>
    actions.withClient(options, async (client) => {
      const { data } = await client.call('GET', `${project}/snapshots`);
      for (const one of data) console.log(lineOf(one));
    }),
  );
  targeted(snapshot.command('restore <project> <snapshot>'), 'Replace all entries by those of a snapshot')
    .option('--into <project>', 'restore into another project')
    .action((project, id, { into, ...options }) =>
      actions.withClient(options, async (client) => {
        await client.requirePersistent(into ?? project);
        const path = `${project}/snapshots/${encodeURIComponent(id)}/restore`;
        const { data, message } = await client.call('POST', path, into === undefined ? {} : { into });
        const counts = ` (${data.count} entries, ${data.expired} expired, ${data.removed} removed)`;
        console.log(`${message}${data.count === null ? '' : counts}`);
      }),
    );
  targeted(snapshot.command('delete <project> <snapshot>'), 'Delete a snapshot').action((project, id, options) =>
    actions.withClient(options, async (client) => {
      console.log((await client.call('DELETE', `${project}/snapshots/${encodeURIComponent(id)}`)).message);
    }),
  );
  snapshot
    .command('verify <file>')
    .description('Prove that a file, a snapshot or an export, is whole; needs no server')
    .action((file) => actions.verify(file));
  return snapshot;
}

function lineOf({ id, created_at, count, bytes, reason }: Listed): string {
  return `${id}  ${new Date(created_at * 1000).toISOString()}  ${count ?? 'hidden'} entries  ${bytes} bytes  ${reason}`;
}
