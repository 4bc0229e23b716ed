import type { Redis } from 'ioredis';
import { CommitRefusedError } from '../../../../domain/errors.js';
import { readCertificates } from '../../building-blocks/server/read-certificates.js';
import { SharedConnections } from '../../building-blocks/server/shared-connections.js';
import { type RedisOptions, redisUrl } from './redis-options.js';
import { COMMIT, SCAN } from './scripts.js';

const shared = new SharedConnections<Redis>((redis) => redis.disconnect());

/** A share of the connection to a server: commands of all projects go through one, in the order of their calls. */
export interface Connection {
  readonly redis: Redis;
  /** Resolves once commands can be sent. Rejects with a `CommitRefusedError` if that lasts longer than `timeout`. */
  ready(): Promise<void>;
  /** Another connection to the same server, for commands that wait there. Resolves once it can be used. */
  another(): Promise<Redis>;
  /** Closes the connection if no other project uses it. */
  release(): Promise<void>;
}

/** Rejects with `unavailable` if the URL or the certificates cannot be read. Connects in the background. */
export async function connectionFor(options: RedisOptions): Promise<Connection> {
  const url = await redisUrl(options);
  const { tls_ca_file, timeout } = options;
  const id = JSON.stringify([url, tls_ca_file]);
  const { connection: redis, release } = await shared.acquire(id, () => connect(url, tls_ca_file));
  const another = async () => {
    const more = redis.duplicate();
    more.on('error', (error) => lastErrors.set(more, error));
    try {
      await whenReady(more, timeout);
      return more;
    } catch (error) {
      more.disconnect();
      throw error;
    }
  };
  return { redis, ready: () => whenReady(redis, timeout), another, release };
}

async function connect(url: string, caFile: string | undefined): Promise<Redis> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, {
    scripts: { portkvCommit: { numberOfKeys: 1, lua: COMMIT }, portkvScan: { numberOfKeys: 1, lua: SCAN } },
    connectionName: 'portkv',
    // A command that may have been done is never sent again, nor one after its caller has given up.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    retryStrategy: (attempt: number) => Math.min(50 * attempt, 1000),
    ...(caFile === undefined ? {} : { tls: { ca: await readCertificates(caFile) } }),
  });
  redis.on('error', (error) => {
    lastErrors.set(redis, error);
  });
  return redis;
}

/** Why connections could not be made. */
const lastErrors = new WeakMap<Redis, Error>();

async function whenReady(redis: Redis, seconds: number): Promise<void> {
  if (redis.status === 'ready') return;
  let timer: NodeJS.Timeout | undefined;
  let isReady: () => void = () => undefined;
  await new Promise<void>((resolve, reject) => {
    isReady = resolve;
    redis.once('ready', isReady);
    timer = setTimeout(() => {
      const { message } = lastErrors.get(redis) ?? { message: 'no connection' };
      reject(new CommitRefusedError(`Redis cannot be reached: ${message}`));
    }, seconds * 1000);
  }).finally(() => {
    clearTimeout(timer);
    redis.off('ready', isReady);
  });
}
