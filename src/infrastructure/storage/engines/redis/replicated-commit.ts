import { createHash } from 'node:crypto';
import type { Client, Results } from 'ioredis';
import { AppError } from '../../../../domain/errors.js';
import { otherFence } from '../../building-blocks/server/other-fence.js';
import type { Connection } from './connections.js';
import { COMMIT } from './scripts.js';

const SHA = createHash('sha1').update(COMMIT).digest('hex');

/** What the script of a commit returns. */
export type CommitResult = Awaited<ReturnType<Client['portkvCommit']>>;

/**
 * Commits that wait until so many replicas have them. Rejects with `unavailable`, for an unknown outcome, if they do
 * not within so many seconds: some are done, but a failover may lose them.
 */
export async function replicatedCommit(
  redis: Client,
  store: string,
  values: readonly (string | number | Buffer)[],
  wait: number,
  seconds: number,
): Promise<CommitResult> {
  // In one pipeline, so that it waits on the connection, and in a cluster at the node, that did the commit.
  const run = async (command: 'eval' | 'evalsha', script: string) =>
    redis
      .pipeline()
      [command](script, 1, store, ...values)
      .wait(wait, Math.ceil(seconds * 1000))
      .exec();
  let [commit, waited] = await run('evalsha', SHA);
  // It has not begun then.
  if (commit?.[0]?.message.startsWith('NOSCRIPT')) [commit, waited] = await run('eval', COMMIT);
  if (commit?.[0]) throw commit[0];
  const results = commit?.[1] as CommitResult;
  if (Array.isArray(results) && results.includes(1)) requireReplicas(waited, store, wait, seconds);
  return results;
}

/** Throws `unavailable` unless `WAIT` answered that so many replicas have it. */
function requireReplicas(waited: Results[number] | undefined, store: string, wait: number, seconds: number): void {
  const [error, replicas] = waited ?? [null, 0];
  if (error) throw new AppError('unavailable', `${store}: ${error.message}`, { cause: error });
  if (Number(replicas) >= wait) return;
  throw new AppError('unavailable', `${store}: ${replicas} of ${wait} replicas had the commit within ${seconds} s`);
}

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
