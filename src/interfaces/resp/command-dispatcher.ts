import { type Awaitable, andThen } from '../../application/awaitable.js';
import type { Arguments } from '../redis-commands/command.js';
import { requireCommand, requireQueueable } from '../redis-commands/redis-commands.js';
import { RedisError } from '../redis-commands/redis-error.js';
import { array, bulk, type Reply } from '../redis-commands/reply.js';
import { requireArguments } from '../redis-commands/subcommands.js';
import { type Client, type ClientCall, TRANSPORT } from './client/client.js';
import type { ConnectionCommand } from './client/connection-command.js';
import type { QueuedCommand } from './client/transaction-state.js';
import type { KnownCommand, Request } from './command-table.js';
import { causeOf, replyFor, replying, requireDone } from './error-replies.js';

const QUEUED: Reply = { type: 'simple', text: 'QUEUED' };
/** The most commands that wait for `EXEC`, and the most bytes of their arguments. */
const MAX_QUEUED = 1_000;
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;
/** A command on entries. */
type EntryRequest = Request & { readonly known: KnownCommand & { kind: 'entries' } };

/** What a word takes in memory beside its bytes. */
const WORD_BYTES = 100;

/** The reply to a command; undefined if its replies are written already. Neither throws nor rejects. */
export function execute(client: Client, request: Request): Awaitable<Reply | undefined> {
  try {
    const reply = dispatch(client, request);
    return reply instanceof Promise ? reply.catch((error: unknown) => failed(client, error)) : reply;
  } catch (error) {
    return failed(client, error);
  }
}

function failed(client: Client, error: unknown): Reply {
  // Also one that was refused before it began: what it would have run must not run later.
  if (client.lastCommand === 'exec') client.transaction.reset();
  return replyFor(error, client.lastCommand);
}

/** Whether the command can share a commit with those that were sent with it. */
export function canShareCommit(client: Client, request: Request): request is EntryRequest {
  const { known } = request;
  if (known?.kind !== 'entries' || !('run' in known.command)) return false;
  return client.project !== undefined && client.transaction.queue === undefined && client.subscriptions.count === 0;
}

/** The replies to commands that were sent together, by position; all of them can share a commit. */
export async function executeTogether(client: Client, all: readonly EntryRequest[]): Promise<readonly Reply[]> {
  const { server, project } = client;
  const calls = all.map(({ known }) => client.call(known.operation));
  const replies = await server.pipeline.runTogether<Reply>(TRANSPORT, calls, async (caller, allowed) => {
    client.admitted(calls[allowed[0] as number] as ClientCall, caller);
    const session = { caller, project: project as string };
    const commands = allowed.map((i) => all[i] as EntryRequest);
    const sent = commands.map(({ args, known }) => ({ args, known: known.command }));
    return (await server.commands.executePipeline(session, sent)).map((reply) => causeOf(reply) ?? reply);
  });
  note(client, all.at(-1)?.known);
  return replies.map((reply) => (reply instanceof Error ? replyFor(reply) : reply));
}

function dispatch(client: Client, { args, known: found }: Request): Awaitable<Reply | undefined> {
  note(client, found);
  const isSubscribed = client.writer.version === 2 && client.subscriptions.count > 0;
  if (isSubscribed) requireWhileSubscribed(args, found);
  const { queue } = client.transaction;
  const runsAtOnce = found?.kind === 'connection' && found.command.withinMulti === 'runs';
  if (queue !== undefined && !runsAtOnce) return enqueue(client, queue, found, args);
  if (found?.kind === 'connection') return onConnection(client, found, args);
  if (found === undefined) return requireCommand(args) as never;
  if (isSubscribed && found.command.name === 'ping') {
    return array([bulk('pong'), bulk(args[1] ?? '')]);
  }
  const { server } = client;
  const { command, operation } = found;
  const call = client.call(operation);
  return server.pipeline.run(TRANSPORT, call, (caller) =>
    andThen(server.commands.execute(client.admitted(call, caller), args, command), requireDone),
  );
}

function onConnection(
  client: Client,
  { command, operation }: KnownCommand & { kind: 'connection' },
  args: Arguments,
): Awaitable<Reply | undefined> {
  try {
    requireArguments(command, args);
  } catch (error) {
    client.transaction.break();
    if (command.name !== 'exec' || !(error instanceof RedisError)) throw error;
    throw new RedisError(`Transaction discarded because of: ${error.message}`, 'EXECABORT');
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
function enqueue(client: Client, queue: QueuedCommand[], found: KnownCommand | undefined, args: Arguments): Reply {
  const { transaction } = client;
  try {
    const command = found?.kind === 'connection' ? found.command : undefined;
    if (command === undefined) requireQueueable(args);
    else requireWaiting(command, args);
    transaction.bytes += args.reduce((sum, word) => sum + word.length + WORD_BYTES, 0);
    if (queue.length >= MAX_QUEUED || transaction.bytes > MAX_QUEUED_BYTES) {
      throw new RedisError(`a transaction has at most ${MAX_QUEUED} commands and ${MAX_QUEUED_BYTES} bytes`);
    }
    queue.push({ args, run: command && ((session) => command.execute(client, args, session)) });
    return QUEUED;
  } catch (error) {
    transaction.break();
    throw error;
  }
}

function requireWaiting(command: ConnectionCommand, args: Arguments): void {
  requireArguments(command, args);
  if (command.withinMulti !== 'waits') throw new RedisError(`'${command.name}' is not possible inside MULTI`);
}

/** In version 2 of the protocol, a reply could be taken for a message. */
function requireWhileSubscribed([name]: Arguments, found: KnownCommand | undefined): void {
  if (found?.kind === 'connection' ? found.command.whileSubscribed : found?.command.name === 'ping') return;
  const allowed = '(P)SUBSCRIBE / (P)UNSUBSCRIBE / PING / QUIT / RESET';
  throw new RedisError(`Can't execute '${name}': only ${allowed} are allowed in this context`);
}

function note(client: Client, found: KnownCommand | undefined): void {
  client.lastCommand = found?.command.name ?? '';
  client.lastCommandAt = client.turnBeganAt;
}
