import type { Arguments, Session, Subcommands } from '../../redis-commands/command.js';
import { RedisError, syntaxError } from '../../redis-commands/redis-error.js';
import { bulk, bulkOrNull, integer, OK, type Reply } from '../../redis-commands/reply.js';
import { requireSubcommand } from '../../redis-commands/subcommands.js';
import type { Client } from '../client/client.js';
import type { ConnectionCommand } from '../client/connection-command.js';

const NO_SPACES = /^[!-~]*$/;
const CLIENT_TYPES = ['normal', 'pubsub', 'master', 'replica', 'slave'];

interface Subcommand {
  run(client: Client, args: Arguments, session: Session): Reply;
}

const subcommands: Subcommands<Subcommand> = {
  ID: { arity: 2, run: (client) => integer(client.id) },
  GETNAME: { arity: 2, run: (client) => bulkOrNull(client.name === '' ? undefined : Buffer.from(client.name)) },
  SETNAME: {
    arity: 3,
    run: (client, args) => {
      client.name = requireName(String(args[2]));
      return OK;
    },
  },
  SETINFO: {
    arity: 4,
    run: (client, args) => {
      const value = requireName(String(args[3]));
      const attribute = String(args[2]).toUpperCase();
      if (attribute === 'LIB-NAME') client.libraryName = value;
      else if (attribute === 'LIB-VER') client.libraryVersion = value;
      else throw new RedisError(`Unrecognized option '${args[2]}'`);
      return OK;
    },
  },
  INFO: { arity: 2, run: (client) => bulk(`${lineOf(client)}\n`) },
  LIST: { arity: -2, run: (client, args, session) => bulk(listOf(client, args.slice(2).map(String), session)) },
  // Nothing is evicted, and no read changes what would be.
  'NO-EVICT': { arity: 3, run: (_, args) => switchOf(args) },
  'NO-TOUCH': { arity: 3, run: (_, args) => switchOf(args) },
  // Connections are closed one at a time, by the programs that opened them.
  REPLY: {
    arity: 3,
    run: (_, args) => {
      if (String(args[2]).toUpperCase() === 'ON') return OK;
      throw new RedisError('every command has a reply: CLIENT REPLY can only be ON');
    },
  },
};

/** What a connection is called, and who else is connected with the same key. */
export const clientCommands: readonly ConnectionCommand[] = [
  {
    name: 'client',
    arity: -2,
    withinMulti: 'waits',
    subcommands,
    execute: (client, args, session) =>
      requireSubcommand('client', subcommands, args).run(client, args, session as Session),
  },
];

/** Throws if a name would not be one word in `CLIENT LIST`. */
export function requireName(name: string): string {
  if (NO_SPACES.test(name) && name.length <= 256) return name;
  throw new RedisError('Client names cannot contain spaces, newlines or special characters.');
}

function switchOf(args: Arguments): Reply {
  if (/^(on|off)$/i.test(String(args[2]))) return OK;
  throw syntaxError();
}

/** The connections with the same project and key: others are none of the caller's business. */
function listOf(client: Client, options: readonly string[], { project }: Session): string {
  const isListed = listFilter(options);
  const own = [...client.server.clients.values()].filter(
    (other) => other.project === project && other.secret === client.secret && isListed(other),
  );
  return own.map((other) => `${lineOf(other)}\n`).join('');
}

/** From `TYPE normal` or `ID 1 2`. */
function listFilter([option, ...values]: readonly string[]): (client: Client) => boolean {
  if (option === undefined) return () => true;
  if (option.toUpperCase() === 'TYPE' && values.length === 1) {
    const type = String(values[0]).toLowerCase();
    if (!CLIENT_TYPES.includes(type)) throw new RedisError(`Unknown client type '${values[0]}'`);
    return ({ subscriptions }) => type === (subscriptions.count > 0 ? 'pubsub' : 'normal');
  }
  if (option.toUpperCase() !== 'ID' || values.length === 0) throw syntaxError();
  if (!values.every((id) => /^[1-9]\d*$/.test(id))) throw new RedisError('Invalid client ID');
  return ({ id }) => values.includes(String(id));
}

function lineOf(client: Client): string {
  const now = Date.now();
  const { transaction, subscriptions, writer } = client;
  const fields = {
    id: client.id,
    addr: client.address,
    name: client.name,
    age: Math.floor((now - client.connectedAt) / 1000),
    idle: Math.floor((performance.now() - client.lastCommandAt) / 1000),
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
