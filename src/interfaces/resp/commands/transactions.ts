import { MAX_OPERATIONS } from '../../../domain/limits.js';
import type { Session } from '../../redis-commands/command.js';
import { RedisError } from '../../redis-commands/redis-error.js';
import { OK } from '../../redis-commands/reply.js';
import type { ConnectionCommand } from '../client/connection-command.js';

/** Commands that run together: the ones between `MULTI` and `EXEC` are kept by the dispatcher. */
export const transactionCommands: readonly ConnectionCommand[] = [
  {
    name: 'multi',
    arity: 1,
    withinMulti: true,
    execute: ({ transaction }) => {
      if (transaction.queue !== undefined) throw new RedisError('MULTI calls can not be nested');
      transaction.queue = [];
      return OK;
    },
  },
  {
    name: 'exec',
    arity: 1,
    withinMulti: true,
    execute: ({ server, transaction }, _, session) => {
      const { queue, isBroken, watched } = transaction;
      if (queue === undefined) throw new RedisError('EXEC without MULTI');
      transaction.reset();
      if (isBroken) throw new RedisError('Transaction discarded because of previous errors.', 'EXECABORT');
      return server.commands.executeTransaction(session as Session, queue, watched);
    },
  },
  {
    name: 'discard',
    arity: 1,
    withinMulti: true,
    execute: ({ transaction }) => {
      if (transaction.queue === undefined) throw new RedisError('DISCARD without MULTI');
      transaction.reset();
      return OK;
    },
  },
  {
    name: 'watch',
    arity: -2,
    withinMulti: true,
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
    withinMulti: true,
    execute: ({ transaction }) => {
      if (transaction.queue === undefined) transaction.watched = new Map();
      return OK;
    },
  },
];
