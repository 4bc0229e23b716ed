import type { Arguments, Session } from '../../redis-commands/command.js';
import { RedisError, syntaxError } from '../../redis-commands/redis-error.js';
import { bulk, bulkOrNull, integer, OK, type Reply } from '../../redis-commands/reply.js';
import type { Client } from '../client/client.js';
import type { ConnectionCommand } from '../client/connection-command.js';

const NO_SPACES = /^[!-~]*$/;

type Subcommand = (client: Client, args: Arguments, session: Session) => Reply;

const subcommands: Readonly<Record<string, Subcommand>> = {
  ID: (client) => integer(client.id),
  GETNAME: (client) => bulkOrNull(client.name === '' ? undefined : Buffer.from(client.name)),
  SETNAME: (client, args) => {
    client.name = plainWord(args, 2);
    return OK;
  },
  SETINFO: (client, args) => {
    const value = plainWord(args, 3);
    const attribute = args[2]?.toString().toUpperCase();
    if (attribute === 'LIB-NAME') client.libraryName = value;
    else if (attribute === 'LIB-VER') client.libraryVersion = value;
    else throw new RedisError(`Unrecognized option '${args[2]}'`);
    return OK;
  },
  INFO: (client) => bulk(`${lineOf(client)}\n`),
  LIST: (client, _, session) => bulk(listOf(client, session)),
  // Nothing is evicted, and no read changes what would be.
  'NO-EVICT': (_, args) => switchOf(args),
  'NO-TOUCH': (_, args) => switchOf(args),
  // Connections are closed one at a time, by the programs that opened them.
  REPLY: (_, args) => {
    if (args[2]?.toString().toUpperCase() === 'ON') return OK;
    throw new RedisError('every command has a reply: CLIENT REPLY can only be ON');
  },
};

/** What a connection is called, and who else is connected with the same key. */
export const clientCommands: readonly ConnectionCommand[] = [
  {
    name: 'client',
    arity: -2,
    execute: (client, args, session) => {
      const name = args[1]?.toString().toUpperCase() ?? '';
      const subcommand = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
      if (subcommand === undefined) throw new RedisError(`unknown subcommand '${args[1]}' of 'client'`);
      return subcommand(client, args, session as Session);
    },
  },
];

function plainWord(args: Arguments, position: number): string {
  const word = args[position]?.toString();
  if (word === undefined || args.length !== position + 1) throw syntaxError();
  return requireName(word);
}

/** Throws if a name would not be one word in `CLIENT LIST`. */
export function requireName(name: string): string {
  if (NO_SPACES.test(name) && name.length <= 256) return name;
  throw new RedisError('Client names cannot contain spaces, newlines or special characters.');
}

function switchOf(args: Arguments): Reply {
  if (args.length === 3 && /^(on|off)$/i.test(String(args[2]))) return OK;
  throw syntaxError();
}

/** The connections with the same project and key: others are none of the caller's business. */
function listOf(client: Client, { project }: Session): string {
  const own = [...client.server.clients.values()].filter(
    (other) => other.project === project && other.secret === client.secret,
  );
  return own.map((other) => `${lineOf(other)}\n`).join('');
}

function lineOf(client: Client): string {
  const now = Date.now();
  const { transaction, subscriptions, writer } = client;
  const fields = {
    id: client.id,
    addr: client.address,
    name: client.name,
    age: Math.floor((now - client.connectedAt) / 1000),
    idle: Math.floor((now - client.lastCommandAt) / 1000),
    db: 0,
    sub: subscriptions.names('channel').length,
    psub: subscriptions.names('pattern').length,
    multi: transaction.queue?.length ?? -1,
    watch: transaction.watched.size,
    cmd: client.lastCommand,
    user: client.project ?? '',
    resp: writer.version,
    'lib-name': client.libraryName,
    'lib-ver': client.libraryVersion,
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
