import { ConditionRequiredError } from '../../application/entries/conditions.js';
import { AppError } from '../../domain/errors.js';
import type { ErrorReply } from './reply.js';

/** An error in the words of Redis. */
export class RedisError extends Error {
  override readonly name = 'RedisError';

  constructor(
    message: string,
    /** What clients branch on. */
    readonly code = 'ERR',
  ) {
    super(message);
  }
}

export const wrongArity = (command: string): RedisError =>
  new RedisError(`wrong number of arguments for '${command}' command`);
export const syntaxError = (): RedisError => new RedisError('syntax error');
export const notAnInteger = (): RedisError => new RedisError('value is not an integer or out of range');
export const invalidExpireTime = (command: string): RedisError =>
  new RedisError(`invalid expire time in '${command}' command`);

/** The words of Redis for errors of use cases; all others are `ERR`. */
const CODE_OF: Readonly<Record<string, string>> = {
  unauthenticated: 'WRONGPASS',
  forbidden: 'NOPERM',
  insufficient_scope: 'NOPERM',
  insufficient_storage: 'OOM',
};

const CONDITION_REQUIRED = 'This project takes only writes with a condition, such as SET with NX or XX';

/** The first word of the error that a code of PortKV becomes. */
export function redisCodeOf(code: string): string {
  return Object.hasOwn(CODE_OF, code) ? (CODE_OF[code] as string) : 'ERR';
}

/** The reply for an error of a command. Throws again what is a bug. */
export function errorReply(error: unknown): ErrorReply {
  if (error instanceof RedisError) return { type: 'error', code: error.code, message: error.message };
  if (!(error instanceof AppError) || error.code === 'internal') throw error;
  const message = error instanceof ConditionRequiredError ? CONDITION_REQUIRED : oneLine(error.message);
  return { type: 'error', code: redisCodeOf(error.code), message, cause: error };
}

/** Without line breaks, which end an error in the protocol. */
export function oneLine(message: string): string {
  return message.replaceAll(/[\r\n]+/g, ' ');
}
