import type { Awaitable } from '../../../application/awaitable.js';
import type { Arguments, Session } from '../../redis-commands/command.js';
import { bulk, integer, NULL } from '../../redis-commands/reply.js';
import type { Client } from '../client/client.js';
import type { ConnectionCommand } from '../client/connection-command.js';

type Kind = 'channel' | 'pattern';

/** Keyspace notifications. Each name is confirmed by a message of its own. */
export const subscribeCommands: readonly ConnectionCommand[] = [
  subscribe('subscribe', 'channel'),
  subscribe('psubscribe', 'pattern'),
  unsubscribe('unsubscribe', 'channel'),
  unsubscribe('punsubscribe', 'pattern'),
];

function subscribe(name: string, kind: Kind): ConnectionCommand {
  return {
    name,
    arity: -2,
    whileSubscribed: true,
    async execute(client, args, session) {
      for (const target of namesIn(args)) {
        await client.subscriptions.add(kind, target, session as Session);
        confirm(client, name, target);
      }
      return undefined;
    },
  };
}

function unsubscribe(name: string, kind: Kind): ConnectionCommand {
  return {
    name,
    arity: -1,
    open: true,
    whileSubscribed: true,
    execute(client, args): Awaitable<undefined> {
      const targets = args.length > 1 ? namesIn(args) : client.subscriptions.names(kind);
      for (const target of targets) {
        client.subscriptions.remove(kind, target);
        confirm(client, name, target);
      }
      if (targets.length === 0) confirm(client, name, undefined);
      return undefined;
    },
  };
}

function namesIn(args: Arguments): readonly string[] {
  return args.slice(1).map((name) => name.toString());
}

function confirm(client: Client, command: string, target: string | undefined): void {
  const name = target === undefined ? NULL : bulk(target);
  client.subscriptions.push([bulk(command), name, integer(client.subscriptions.count)]);
}
