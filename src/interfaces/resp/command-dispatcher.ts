import { type Awaitable, andThen } from '../../application/awaitable.js';
import type { Arguments } from '../redis-commands/command.js';
import { requireCommand, requireQueueable } from '../redis-commands/redis-commands.js';
import { RedisError } from '../redis-commands/redis-error.js';
import { array, bulk, type Reply } from '../redis-commands/reply.js';
import { type Client, TRANSPORT } from './client/client.js';
import type { KnownCommand, Request } from './command-table.js';
import { causeOf, replyFor, replying, requireDone } from './error-replies.js';

const QUEUED: Reply = { type: 'simple', text: 'QUEUED' };
/** The most commands that wait for `EXEC`, and the most bytes of their arguments. */
const MAX_QUEUED = 1_000;
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
/** What a word takes in memory beside its bytes. */
const WORD_BYTES = 100;

/** The reply to a command; undefined if its replies are written already. Neither throws nor rejects. */
export function execute(client: Client, request: Request): Awaitable<Reply | undefined> {
  const failed = (error: unknown) => {
    // Also one that was refused before it began: what it would have run must not run later.
    if (client.lastCommand === 'exec') client.transaction.reset();
    return replyFor(error, client.lastCommand);
  };
  try {
    const reply = dispatch(client, request);
    return reply instanceof Promise ? reply.catch(failed) : reply;
  } catch (error) {
    return failed(error);
  }
}

/** Whether the command can share a commit with those that were sent with it. */
export function canShareCommit(client: Client, { known }: Request): boolean {
  if (known?.kind !== 'entries' || !('run' in known.command)) return false;
  return client.project !== undefined && client.transaction.queue === undefined && client.subscriptions.count === 0;
}

/** Whether it changes entries. */
export function isWrite({ known }: Request): boolean {
  return known?.operation.changes === true;
}

/** The replies to commands that were sent together, by position; all of them can share a commit. */
export async function executeTogether(client: Client, all: readonly Request[]): Promise<readonly Reply[]> {
  const { server, project } = client;
  const calls = all.map(({ known }) => client.call((known as KnownCommand).operation));
  const replies = await server.pipeline.runTogether<Reply>(TRANSPORT, calls, async (caller, allowed) => {
    client.isAdmitted = true;
    const session = { caller, project: project as string };
    const commands = allowed.map((i) => (all[i] as Request).args);
    return (await server.commands.executePipeline(session, commands)).map((reply) => causeOf(reply) ?? reply);
  });
  note(client, all.at(-1)?.known);
  return replies.map((reply) => (reply instanceof Error ? replyFor(reply) : reply));
}

function dispatch(client: Client, { args, known: found }: Request): Awaitable<Reply | undefined> {
  note(client, found);
  if (client.subscriptions.count > 0 && client.writer.version === 2) requireWhileSubscribed(args, found);
  if (found?.kind === 'connection') return onConnection(client, found, args);
  const { queue } = client.transaction;
  if (queue !== undefined) return enqueue(client, queue, args);
  if (found === undefined) return requireCommand(args) as never;
  if (found.command.name === 'ping' && client.subscriptions.count > 0 && client.writer.version === 2) {
    return array([bulk('pong'), bulk(args[1] ?? '')]);
  }
  const { command, operation } = found;
  return client.run(operation, (session) =>
    andThen(client.server.commands.execute(session, args, command), requireDone),
  );
}

function onConnection(
  client: Client,
  { command, operation }: KnownCommand & { kind: 'connection' },
  args: Arguments,
): Awaitable<Reply | undefined> {
  const { arity, name } = command;
  if (client.transaction.queue !== undefined && !command.withinMulti) {
    client.transaction.isBroken = true;
    throw new RedisError(`'${name}' is not possible inside MULTI`);
  }
  if (arity < 0 ? args.length < -arity : args.length !== arity) {
    client.transaction.isBroken = true;
    throw new RedisError(`wrong number of arguments for '${name}' command`);
  }
  if (command.open) return command.execute(client, args, undefined);
  return client.run<Reply | undefined>(operation, (session) =>
    andThen(
      replying(() => command.execute(client, args, session)),
      (reply) => reply && requireDone(reply),
    ),
  );
}

/** Keeps a command for `EXEC`; one that cannot be run makes that fail. */
function enqueue({ transaction }: Client, queue: Arguments[], args: Arguments): Reply {
  try {
    requireQueueable(args);
    transaction.bytes += args.reduce((sum, word) => sum + word.length + WORD_BYTES, 0);
    if (queue.length >= MAX_QUEUED || transaction.bytes > MAX_QUEUED_BYTES) {
      throw new RedisError(`a transaction has at most ${MAX_QUEUED} commands and ${MAX_QUEUED_BYTES} bytes`);
    }
  } catch (error) {
    transaction.isBroken = true;
    throw error;
  }
  queue.push(args);
  return QUEUED;
}

/** In version 2 of the protocol, a reply could be taken for a message. */
function requireWhileSubscribed([name]: Arguments, found: KnownCommand | undefined): void {
  if (found?.kind === 'connection' ? found.command.whileSubscribed : found?.command.name === 'ping') return;
  const allowed = '(P)SUBSCRIBE / (P)UNSUBSCRIBE / PING / QUIT / RESET';
  throw new RedisError(`Can't execute '${name}': only ${allowed} are allowed in this context`);
}

function note(client: Client, found: KnownCommand | undefined): void {
  client.lastCommand = found?.command.name ?? '';
  client.lastCommandAt = Date.now();
}
