import type { Awaitable } from '../../application/awaitable.js';
import { clientError } from '../../application/inbound/inbound-pipeline.js';
import type { AppError } from '../../domain/errors.js';
import { errorReply, RedisError } from '../redis-commands/redis-error.js';
import type { ErrorReply, Reply } from '../redis-commands/reply.js';

/** The error of PortKV in a reply, if it is one. */
export function causeOf(reply: Reply): AppError | undefined {
  return reply.type === 'error' ? reply.cause : undefined;
}

/** Throws the error of PortKV in a reply, so that it is recorded as any other. */
export function requireDone(reply: Reply): Reply {
  if (reply.type === 'error' && reply.cause !== undefined) throw reply.cause;
  return reply;
}

/** Runs a command; its reply is the error if that is one in the words of Redis. */
export function replying(run: () => Awaitable<Reply | undefined>): Awaitable<Reply | undefined> {
  const failed = (error: unknown): Reply => {
    if (error instanceof RedisError) return errorReply(error);
    throw error;
  };
  try {
    const reply = run();
    return reply instanceof Promise ? reply.catch(failed) : reply;
  } catch (error) {
    return failed(error);
  }
}

/** The reply to a command that failed; `EXEC` says in all cases that nothing was done. */
export function replyFor(error: unknown, command?: string): ErrorReply {
  const reply = plainReplyFor(error);
  if (command !== 'exec' || reply.code === 'EXECABORT' || error instanceof RedisError || mayBeDone(error)) return reply;
  const message = `Transaction discarded because of: ${reply.code} ${reply.message}`;
  return { type: 'error', code: 'EXECABORT', message };
}

/** Whether what failed with that error may have been done. */
function mayBeDone(error: unknown): boolean {
  const { code } = clientError(error);
  return code === 'outcome_unknown' || code === 'internal';
}

function plainReplyFor(error: unknown): ErrorReply {
  if (error instanceof RedisError) return errorReply(error);
  const known = clientError(error);
  if (known.code === 'unauthenticated') return { type: 'error', code: 'NOAUTH', message: 'Authentication required.' };
  if (known.code === 'internal') return { type: 'error', code: 'ERR', message: known.message };
  return errorReply(known);
}
