import { argument, integerArgument } from '../../redis-commands/arguments.js';
import type { Arguments, Subcommands } from '../../redis-commands/command.js';
import { Glob } from '../../redis-commands/glob.js';
import { RedisError } from '../../redis-commands/redis-error.js';
import { array, bulk, integer, OK, type Reply } from '../../redis-commands/reply.js';
import { requireSubcommand } from '../../redis-commands/subcommands.js';
import type { Client } from '../client/client.js';
import type { ConnectionCommand } from '../client/connection-command.js';
import { commandDescriptions, commandSubcommands } from './command-descriptions.js';
import { informationOf } from './server-information.js';

/** What `CONFIG GET` answers: what clients look for before they do their work. */
const CONFIGURATION: Readonly<Record<string, string>> = {
  appendonly: 'yes',
  databases: '1',
  maxmemory: '0',
  'maxmemory-policy': 'noeviction',
  'notify-keyspace-events': 'KEg$x',
  save: '',
  timeout: '0',
};

const configSubcommands: Subcommands<{ run(args: Arguments): Reply }> = {
  GET: { arity: -3, run: configurationOf },
  SET: { arity: -4, run: refuse },
  REWRITE: { arity: 2, run: refuse },
  RESETSTAT: { arity: 2, run: refuse },
};

/** What the server is and can. */
export const serverCommands: readonly ConnectionCommand[] = [
  {
    name: 'select',
    arity: 2,
    withinMulti: 'waits',
    execute: (_, args) => {
      const index = integerArgument(argument(args, 1));
      if (index !== 0n) throw new RedisError('DB index is out of range: each project is one database, 0');
      return OK;
    },
  },
  {
    name: 'info',
    arity: -1,
    withinMulti: 'waits',
    execute: (client, args) => bulk(informationOf(client, args.slice(1).map(String))),
  },
  {
    name: 'config',
    arity: -2,
    withinMulti: 'waits',
    subcommands: configSubcommands,
    execute: (_, args) => requireSubcommand('config', configSubcommands, args).run(args),
  },
  {
    name: 'command',
    arity: -1,
    withinMulti: 'waits',
    subcommands: commandSubcommands,
    execute: (_, args) => commandDescriptions(args),
  },
  { name: 'time', arity: 1, withinMulti: 'waits', execute: time },
  {
    name: 'wait',
    arity: 3,
    withinMulti: 'waits',
    execute: (_, args) => {
      const [, timeout = 0n] = args.slice(1).map(integerArgument);
      if (timeout < 0n) throw new RedisError('timeout is negative');
      // There are no replicas: what was acknowledged is where the project's engine puts it.
      return integer(0);
    },
  },
];

function configurationOf(args: Arguments): Reply {
  const globs = args.slice(2).map((name) => new Glob(Buffer.from(name.toString().toLowerCase())));
  const found = Object.entries(CONFIGURATION).filter(([name]) => globs.some((glob) => glob.matches(name)));
  return { type: 'map', entries: found.map(([name, value]) => [bulk(name), bulk(value)] as const) };
}

function refuse([, action]: Arguments): never {
  const name = String(action).toLowerCase();
  throw new RedisError(`'config ${name}' is not possible: PortKV's settings are changed by REST, or in config.json`);
}

function time(_: Client): Reply {
  const now = Date.now();
  return array([bulk(String(Math.floor(now / 1000))), bulk(String((now % 1000) * 1000))]);
}
