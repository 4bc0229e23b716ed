import type { Arguments } from '../../redis-commands/command.js';
import { Glob } from '../../redis-commands/glob.js';
import { RedisError, syntaxError } from '../../redis-commands/redis-error.js';
import { array, bulk, integer, OK, type Reply } from '../../redis-commands/reply.js';
import type { Client } from '../client/client.js';
import type { ConnectionCommand } from '../client/connection-command.js';
import { commandDescriptions } from './command-descriptions.js';
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

/** What the server is and can. */
export const serverCommands: readonly ConnectionCommand[] = [
  {
    name: 'select',
    arity: 2,
    execute: (_, args) => {
      if (args[1]?.toString() === '0') return OK;
      if (/^\d+$/.test(String(args[1])))
        throw new RedisError('DB index is out of range: each project is one database, 0');
      throw new RedisError('value is not an integer or out of range');
    },
  },
  { name: 'info', arity: -1, execute: (client, args) => bulk(informationOf(client, args.slice(1).map(String))) },
  { name: 'config', arity: -2, execute: (_, args) => configuration(args) },
  { name: 'command', arity: -1, execute: (_, args) => commandDescriptions(args) },
  { name: 'time', arity: 1, execute: time },
  {
    name: 'wait',
    arity: 3,
    execute: (_, args) => {
      if (!args.slice(1).every((word) => /^\d+$/.test(word.toString()))) throw syntaxError();
      // There are no replicas: what was acknowledged is where the project's engine puts it.
      return integer(0);
    },
  },
];

function configuration(args: Arguments): Reply {
  const [, action, ...names] = args.map(String);
  if (action?.toUpperCase() !== 'GET' || names.length === 0) {
    throw new RedisError(
      `'config ${action}' is not possible: PortKV's settings are changed by REST, or in config.json`,
    );
  }
  const globs = names.map((name) => new Glob(Buffer.from(name.toLowerCase())));
  const found = Object.entries(CONFIGURATION).filter(([name]) => globs.some((glob) => glob.matches(name)));
  return { type: 'map', entries: found.map(([name, value]) => [bulk(name), bulk(value)] as const) };
}

function time(_: Client): Reply {
  const now = Date.now();
  return array([bulk(String(Math.floor(now / 1000))), bulk(String((now % 1000) * 1000))]);
}
