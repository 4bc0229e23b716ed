import { createHash } from 'node:crypto';
import type { Client, Results } from 'ioredis';
import { AppError } from '../../../../domain/errors.js';
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

/** A fence for which is waited as for a commit: after a failover that lost it, others could commit there again. */
export async function replicatedFence(redis: Client, store: string, wait: number, seconds: number): Promise<void> {
  const commands = redis
    .pipeline()
    .set(`${store}:fence`, '1')
    .wait(wait, Math.ceil(seconds * 1000));
  const [set, waited] = await commands.exec();
  if (set?.[0]) throw set[0];
  requireReplicas(waited, store, wait, seconds);
}

/** Throws `unavailable` unless `WAIT` answered that so many replicas have it. */
function requireReplicas(waited: Results[number] | undefined, store: string, wait: number, seconds: number): void {
  const [error, replicas] = waited ?? [null, 0];
  if (error) throw new AppError('unavailable', `${store}: ${error.message}`, { cause: error });
  if (Number(replicas) >= wait) return;
  throw new AppError('unavailable', `${store}: ${replicas} of ${wait} replicas had the commit within ${seconds} s`);
}
