import { type Awaitable, andThen } from '../../../application/awaitable.js';
import { MAX_OPERATIONS } from '../../../domain/limits.js';
import type { Session } from '../../redis-commands/command.js';
import { errorReply, RedisError } from '../../redis-commands/redis-error.js';
import { array, NULL, OK, type Reply } from '../../redis-commands/reply.js';
import type { ConnectionCommand } from '../client/connection-command.js';
import type { QueuedCommand } from '../client/transaction-state.js';

/** Commands that run together: the ones between `MULTI` and `EXEC` are kept by the dispatcher. */
export const transactionCommands: readonly ConnectionCommand[] = [
  {
    name: 'multi',
    arity: 1,
    withinMulti: 'runs',
    execute: ({ transaction }) => {
      if (transaction.queue !== undefined) throw new RedisError('MULTI calls can not be nested');
      transaction.queue = [];
      return OK;
    },
  },
  {
    name: 'exec',
    arity: 1,
    withinMulti: 'runs',
    execute: ({ server, transaction }, _, session) => {
      const { queue, isBroken, watched } = transaction;
      if (queue === undefined) throw new RedisError('EXEC without MULTI');
      transaction.reset();
      if (isBroken) throw new RedisError('Transaction discarded because of previous errors.', 'EXECABORT');
      const onEntries = queue.filter(({ run }) => run === undefined).map(({ args }) => args);
      const replies = server.commands.executeTransaction(session as Session, onEntries, watched);
      if (onEntries.length === queue.length) return replies;
      return andThen(replies, (reply) => (reply.type === 'array' ? runOthers(queue, reply, session) : reply));
    },
  },
  {
    name: 'discard',
    arity: 1,
    withinMulti: 'runs',
    execute: ({ transaction }) => {
      if (transaction.queue === undefined) throw new RedisError('DISCARD without MULTI');
      transaction.reset();
      return OK;
    },
  },
  {
    name: 'watch',
    arity: -2,
    withinMulti: 'runs',
    execute: async ({ server, transaction }, args, session) => {
      if (transaction.queue !== undefined) throw new RedisError('WATCH inside MULTI is not allowed');
      const found = await server.commands.watch(session as Session, args.slice(1));
      if (transaction.watched.size + found.size > MAX_OPERATIONS) {
        throw new RedisError(`at most ${MAX_OPERATIONS} keys can be watched`);
      }
      // A key that is watched already keeps the version that it had then.
      transaction.watched = new Map([...found, ...transaction.watched]);
      return OK;
    },
  },
  {
    name: 'unwatch',
    arity: 1,
    withinMulti: 'waits',
    execute: ({ transaction }) => {
      transaction.watched = new Map();
      return OK;
    },
  },
];

/** Runs the commands of a transaction that are not about entries, after the others: neither depends on the other. */
async function runOthers(
  queue: readonly QueuedCommand[],
  { items }: Reply & { type: 'array' },
  session: Session | undefined,
): Promise<Reply> {
  const [replies, onEntries] = [[] as Reply[], items.values()];
  for (const { run } of queue) {
    if (run === undefined) replies.push(onEntries.next().value ?? NULL);
    else replies.push(await replyOf(() => run(session)));
  }
  return array(replies);
}

async function replyOf(run: () => Awaitable<Reply | undefined>): Promise<Reply> {
  try {
    return (await run()) ?? NULL;
  } catch (error) {
    return errorReply(error);
  }
}
