import { oneLine, redisCodeOf } from '../../../redis-commands/redis-error.js';
import { statusOf } from '../../response/error-response.js';
import type { ErrorShape } from '../../response/write-response.js';

/** An error as Upstash shows it. */
export const upstashError: ErrorShape = (error) => {
  const body = `${JSON.stringify({ error: `${redisCodeOf(error.code)} ${oneLine(error.message)}` })}\n`;
  return { status: statusOf(error), type: 'application/json', body };
};
