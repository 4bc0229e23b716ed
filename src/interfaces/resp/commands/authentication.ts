import { rules } from '../../../application/access/access-rules.js';
import { AppError } from '../../../domain/errors.js';
import type { Arguments } from '../../redis-commands/command.js';
import { RedisError, syntaxError } from '../../redis-commands/redis-error.js';
import { bulk, integer, OK, type Reply } from '../../redis-commands/reply.js';
import { type Client, TRANSPORT } from '../client/client.js';
import type { ConnectionCommand } from '../client/connection-command.js';
import { requireName } from './clients.js';

const AUTHENTICATE = { id: 'auth', access: rules.transaction, changes: false };
/** The version of Redis whose commands and answers these are. */
export const REDIS_VERSION = '7.2.0';

/** Who a client is, and how the server answers it. */
export const authenticationCommands: readonly ConnectionCommand[] = [
  {
    name: 'auth',
    arity: -2,
    open: true,
    execute: async (client, args) => {
      if (args.length > 3) throw syntaxError();
      const words = args.slice(1).map(String);
      await authenticate(client, words.length === 2 ? words[0] : undefined, words.at(-1) as string);
      return OK;
    },
  },
  { name: 'hello', arity: -1, open: true, execute: hello },
  {
    name: 'reset',
    arity: 1,
    open: true,
    whileSubscribed: true,
    withinMulti: 'runs',
    execute: (client) => {
      client.reset();
      return { type: 'simple', text: 'RESET' };
    },
  },
  {
    name: 'quit',
    arity: -1,
    open: true,
    whileSubscribed: true,
    withinMulti: 'runs',
    execute: (client) => {
      client.isClosing = true;
      return OK;
    },
  },
];

/** As `AUTH`: without a project, or with the user name that clients send if none is given, that of the listener. */
async function authenticate(client: Client, name: string | undefined, secret: string): Promise<void> {
  const project = name === undefined || name === 'default' ? (client.server.project ?? name) : name;
  if (project === undefined) throw new RedisError('AUTH needs the project and its API key: AUTH <project> <key>');
  try {
    await client.server.pipeline.run(TRANSPORT, client.call(AUTHENTICATE, project, secret), () => undefined);
  } catch (error) {
    const isWrong = error instanceof AppError && (error.code === 'unauthenticated' || error.code === 'not_found');
    if (!isWrong) throw error;
    throw new RedisError('invalid username-password pair or user is disabled.', 'WRONGPASS');
  }
  client.project = project;
  client.secret = secret;
  client.isAdmitted = true;
}

async function hello(client: Client, args: Arguments): Promise<Reply> {
  const [, version, ...options] = args.map(String);
  if (version !== undefined && !/^[23]$/.test(version)) {
    if (!/^-?\d+$/.test(version)) throw new RedisError('Protocol version is not an integer or out of range');
    throw new RedisError('unsupported protocol version', 'NOPROTO');
  }
  let name: string | undefined;
  let credentials: readonly [string, string] | undefined;
  for (let i = 0; i < options.length; ) {
    const option = options[i]?.toUpperCase();
    if (option === 'AUTH' && i + 2 < options.length) {
      credentials = [options[i + 1] as string, options[i + 2] as string];
      i += 3;
    } else if (option === 'SETNAME' && i + 1 < options.length) {
      name = options[i + 1] as string;
      i += 2;
    } else throw new RedisError(`Syntax error in HELLO option '${options[i]}'`);
  }
  if (credentials !== undefined) await authenticate(client, ...credentials);
  else await requireKnown(client);
  if (name !== undefined) client.name = requireName(name);
  if (version !== undefined) client.writer.version = version === '3' ? 3 : 2;
  return {
    type: 'map',
    entries: [
      [bulk('server'), bulk('redis')],
      [bulk('version'), bulk(REDIS_VERSION)],
      [bulk('proto'), integer(client.writer.version)],
      [bulk('id'), integer(client.id)],
      [bulk('mode'), bulk('standalone')],
      [bulk('role'), bulk('master')],
      [bulk('modules'), { type: 'array', items: [] }],
    ],
  };
}

async function requireKnown(client: Client): Promise<void> {
  try {
    await client.run(AUTHENTICATE, () => undefined);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'unauthenticated') throw error;
    throw new RedisError('Authentication required: HELLO <version> AUTH <project> <key>', 'NOAUTH');
  }
}
