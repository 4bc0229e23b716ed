import type { Command } from 'commander';
import { AppError } from '../../../../domain/errors.js';
import type { Actions } from '../../actions.js';
import type { ApiClient } from '../../connection/api-client.js';
import { UnreachableError } from '../../connection/unreachable-error.js';
import { memberLines, printResult } from '../../output/print-result.js';
import { apiCommand } from '../api-command.js';

/** `portkv status`. */
export function statusCommand(actions: Actions): Command {
  return apiCommand('status')
    .description(
      'Print version, uptime and load of a server, and the projects that it cannot serve; needs the system key',
    )
    .action(({ json, ...target }) =>
      actions.withClient({ ...target, needs: 'system' }, async (client) => {
        if (client.isPrivate) throw new UnreachableError('No server of the data folder is running');
        const status = await statusOf(client);
        printResult(json, status, memberLines(status));
        const names = Object.keys(status.unavailable).join(', ');
        if (names !== '') throw new AppError('unavailable', `The server cannot serve: ${names}`);
      }),
    );
}

interface ServerStatus {
  readonly url: string;
  /** `ready`, or another word if there are projects that cannot be served. */
  readonly status: string;
  /** The reasons, by project. */
  readonly unavailable: Readonly<Record<string, string>>;
}

/** What the envelope says of the server, and whether all projects are served. */
async function statusOf(client: ApiClient): Promise<ServerStatus> {
  const { text } = await client.call('GET', '/status');
  const { System: system } = JSON.parse(text) as { System?: object };
  const { body } = await client.raw('GET', '/readyz', {
    accepts: 503,
    isExpected: ({ headers }) => /json/.test(headers['content-type'] ?? ''),
  });
  const { status, unavailable } = JSON.parse(body.toString()) as ServerStatus;
  return { url: client.address, status, ...system, unavailable: Object(unavailable) };
}
