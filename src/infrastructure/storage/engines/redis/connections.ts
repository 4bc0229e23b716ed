import type { Client } from 'ioredis';
import { CommitRefusedError } from '../../../../domain/errors.js';
import { readCertificates } from '../../building-blocks/server/read-certificates.js';
import { SharedConnections } from '../../building-blocks/server/shared-connections.js';
import { type RedisOptions, redisUrls } from './redis-options.js';
import { COMMIT, SCAN } from './scripts.js';
import { BEGIN_VIEW, READ_VIEW } from './view-scripts.js';

const PORT = 6379;

const script = (lua: string) => ({ numberOfKeys: 1, lua });
const scripts = {
  scripts: {
    ...{ portkvCommit: script(COMMIT), portkvScan: script(SCAN) },
    ...{ portkvBeginView: script(BEGIN_VIEW), portkvReadView: script(READ_VIEW) },
  },
};

/** A command that may have been done is never sent again. */
const ONCE = { maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false };

const RECONNECTING = {
  // Nor is one sent after its caller has given up.
  enableOfflineQueue: false,
  retryStrategy: (attempt: number) => Math.min(50 * attempt, 1000),
};

/** Commands wait for the connection to a node, but not for one that ended. */
const clusterOptions = {
  enableOfflineQueue: false,
  retryDelayOnFailover: 0,
  slotsRefreshInterval: 1000,
  clusterRetryStrategy: RECONNECTING.retryStrategy,
};

const shared = new SharedConnections<Client>((client) => client.disconnect());

/** A share of the connection to a server: commands of all projects go through one, in the order of their calls. */
export interface Connection {
  readonly redis: Client;
  /** For commits: another one if they wait for replicas, because a wait holds up all that comes after it. */
  readonly commits: Client;
  /** Resolves once commands can be sent. Rejects with a `CommitRefusedError` if that lasts longer than `timeout`. */
  ready(): Promise<void>;
  /** Another connection to the same server, for commands that wait there. Resolves once it can be used. */
  another(): Promise<Client>;
  /** Closes the connection if no other project uses it. */
  release(): Promise<void>;
}

/** Rejects with `unavailable` if the URL or the certificates cannot be read. Connects in the background. */
export async function connectionFor(options: RedisOptions): Promise<Connection> {
  const urls = await redisUrls(options);
  const { tls_ca_file, timeout, cluster, sentinel, wait } = options;
  const acquire = (purpose: string) =>
    shared.acquire(JSON.stringify([urls, tls_ca_file, cluster, sentinel, purpose]), () => clientFor(urls, options));
  const reads = await acquire('all');
  const writes = wait === 0 ? reads : await acquire('commits');
  return {
    redis: reads.connection,
    commits: writes.connection,
    ready: async () => {
      await whenReady(reads.connection, timeout);
      await whenReady(writes.connection, timeout);
    },
    another: async () => {
      const more = await clientFor(urls, options);
      try {
        await whenReady(more, timeout);
        return more;
      } catch (error) {
        more.disconnect();
        throw error;
      }
    },
    release: async () => {
      await reads.release();
      await writes.release();
    },
  };
}

async function clientFor(
  urls: readonly [URL, ...URL[]],
  { tls_ca_file: caFile, cluster, sentinel }: RedisOptions,
): Promise<Client> {
  const { Cluster, Redis } = await import('ioredis');
  const [first] = urls;
  const ca = caFile === undefined ? {} : { ca: await readCertificates(caFile) };
  const server = { connectionName: 'portkv', ...(first.protocol === 'rediss:' ? { tls: ca } : {}) };
  const login = { username: decoded(first.username), password: decoded(first.password) };
  const nodes = urls.map(({ hostname, port }) => ({ host: hostname, port: Number(port || PORT) }));
  const client = cluster
    ? new Cluster(nodes, { ...scripts, ...clusterOptions, redisOptions: { ...server, ...login, ...ONCE } })
    : sentinel === undefined
      ? new Redis(first.href, { ...scripts, ...server, ...ONCE, ...RECONNECTING })
      : new Redis({
          ...{ ...scripts, ...server, ...login, ...ONCE, ...RECONNECTING },
          ...{ sentinels: nodes, name: sentinel, failoverDetector: true, db: Number(first.pathname.slice(1) || 0) },
        });
  client.on('error', (error) => {
    lastErrors.set(client, error);
  });
  return client;
}

function decoded(part: string): string | undefined {
  return part === '' ? undefined : decodeURIComponent(part);
}

/** Why connections could not be made. */
const lastErrors = new WeakMap<Client, Error>();

async function whenReady(redis: Client, seconds: number): Promise<void> {
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
