import { AppError } from '../../../../domain/errors.js';
import { otherFence } from '../../building-blocks/server/other-fence.js';
import type { Connection } from './connections.js';
import { requireReplicas } from './replicated-commit.js';

/** Returns whose fence is there afterwards. */
const FENCE = `
local token = redis.call('GET', KEYS[1])
if not token then
  token = ARGV[1]
  redis.call('SET', KEYS[1], token)
end
return token`;

const UNFENCE = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('UNLINK', KEYS[1]) end`;

/**
 * Fences a store. Waits for replicas as a commit does: after a failover that lost the fence, others could commit there
 * again.
 */
export async function fence(
  { commits }: Connection,
  store: string,
  token: string,
  wait: number,
  seconds: number,
): Promise<void> {
  const pipeline = commits.pipeline().eval(FENCE, 1, fenceKey(store), token);
  if (wait > 0) pipeline.wait(wait, Math.ceil(seconds * 1000));
  const [fenced, waited] = await pipeline.exec();
  if (fenced === undefined || fenced[0]) throw fenced?.[0] ?? new AppError('unavailable', `${store}: no answer`);
  if (fenced[1] !== token) throw otherFence(store);
  if (wait > 0) requireReplicas(waited, store, wait, seconds);
}

export async function fencedBy({ redis }: Connection, store: string): Promise<string | undefined> {
  return (await redis.get(fenceKey(store))) ?? undefined;
}

export async function unfence({ commits }: Connection, store: string, token: string): Promise<void> {
  const [[error] = [null]] = await commits.pipeline().eval(UNFENCE, 1, fenceKey(store), token).exec();
  if (error) throw error;
}

function fenceKey(store: string): string {
  return `${store}:fence`;
}
