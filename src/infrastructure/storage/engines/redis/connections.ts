import { readFile } from 'node:fs/promises';
import type { Redis } from 'ioredis';
import { AppError, CommitRefusedError } from '../../../../domain/errors.js';
import { type RedisOptions, redisUrl } from './redis-options.js';
import { COMMIT, SCAN } from './scripts.js';

interface SharedConnection {
  readonly redis: Redis;
  users: number;
}

/** By URL and everything else that a connection is made with. */
const open = new Map<string, Promise<SharedConnection>>();

/** A share of the connection to a server: commands of all projects go through one, in the order of their calls. */
export interface Connection {
  readonly redis: Redis;
  /** Resolves once commands can be sent. Rejects with a `CommitRefusedError` if that lasts longer than `timeout`. */
  ready(): Promise<void>;
  /** Closes the connection if no other project uses it. */
  release(): void;
}

/** Rejects with `unavailable` if the URL or the certificates cannot be read. Connects in the background. */
export async function connectionFor(options: RedisOptions): Promise<Connection> {
  const url = await redisUrl(options);
  const { tls_ca_file, timeout } = options;
  const id = JSON.stringify([url, tls_ca_file]);
  let opening = open.get(id);
  if (opening === undefined) {
    opening = connect(url, tls_ca_file);
    open.set(id, opening);
    opening.catch(() => open.delete(id));
  }
  const shared = await opening;
  shared.users += 1;
  let released = false;
  const release = () => {
    if (released) return;
    released = true;
    shared.users -= 1;
    if (shared.users > 0) return;
    open.delete(id);
    shared.redis.disconnect();
  };
  return { redis: shared.redis, ready: () => whenReady(shared.redis, timeout), release };
}

async function connect(url: string, caFile: string | undefined): Promise<SharedConnection> {
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
  return { redis, users: 0 };
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

async function readCertificates(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const message = `${path}, which tls_ca_file names, cannot be read (${(error as NodeJS.ErrnoException).code})`;
    throw new AppError('unavailable', message, { isPermanent: true });
  }
}
