import type { RemoteEngineName } from '../../../src/infrastructure/storage/engines/registry.js';
import { type EtcdCluster, missingEtcd, startEtcd } from '../etcd-server.js';
import { missingPostgres, startPostgres } from '../postgres-server.js';
import { missingRedis, startRedis } from '../redis-server.js';
import { mountSmallDisk } from './small-disk.js';

const MIB = 1024 ** 2;

/** A store whose room ends, for data and, if it can have one, the registry. */
export interface LimitedStore {
  readonly data: { readonly engine: RemoteEngineName; readonly options: object };
  readonly registry: { readonly engine: 'etcd' | 'postgres'; readonly options: object };
  /** Takes away room, if writes alone do not. */
  takeRoom(): Promise<void>;
  /** What an operator does. */
  makeRoom(): Promise<void>;
  remove(): Promise<void>;
}

interface LimitedStoreKind {
  missing(): Promise<string | undefined>;
  /** Undefined, with a printed line, if it cannot be limited here. */
  start(): Promise<LimitedStore | undefined>;
}

export const LIMITED_STORES: Readonly<Record<RemoteEngineName, LimitedStoreKind>> = {
  etcd: { missing: missingEtcd, start: limitedEtcd },
  postgres: { missing: missingPostgres, start: limitedPostgres },
  redis: { missing: async () => (await missingRedis()) ?? (await missingEtcd()), start: limitedRedis },
};

/** Three members with a small quota, full of history. */
async function limitedEtcd(): Promise<LimitedStore> {
  const etcd = await startEtcd({ size: 3, flags: [`--quota-backend-bytes=${16 * MIB}`] });
  const store = { engine: 'etcd', options: { url: etcd.url } } as const;
  return {
    data: store,
    registry: store,
    takeRoom: async () => undefined,
    makeRoom: () => makeRoomIn(etcd),
    remove: etcd.remove,
  };
}

async function makeRoomIn({ members }: EtcdCluster): Promise<void> {
  const call = async (url: string, path: string, body: object) => {
    const answer = await fetch(`${url}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
    return (await answer.json()) as { header: { revision: string }; alarms?: object[] };
  };
  const url = members[0]?.url ?? '';
  const { header } = await call(url, 'kv/range', { key: Buffer.from('none').toString('base64') });
  await call(url, 'kv/compaction', { revision: header.revision, physical: true });
  for (const member of members) await call(member.url, 'maintenance/defragment', {});
  const { alarms = [] } = await call(url, 'maintenance/alarm', { action: 'GET' });
  for (const alarm of alarms) await call(url, 'maintenance/alarm', { ...alarm, action: 'DEACTIVATE' });
}

/** With all its files on a disk that something else fills. */
async function limitedPostgres(): Promise<LimitedStore | undefined> {
  const disk = await mountSmallDisk(160);
  if (disk === undefined) return undefined;
  const logs = { min_wal_size: '32MB', max_wal_size: '32MB' };
  const server = await startPostgres({ fsync: 'off', ...logs }, undefined, disk.path);
  const store = { engine: 'postgres', options: { url: server.url } } as const;
  return {
    data: store,
    registry: store,
    takeRoom: disk.fill,
    makeRoom: async () => {
      await disk.empty();
      // It ends if it has no room for its log; an operator, or its unit, starts it again.
      await server.sql('SELECT 1').catch(() => server.start());
    },
    remove: async () => {
      await server.remove();
      await disk.remove();
    },
  };
}

/** With a limit of its memory, and the registry elsewhere. */
async function limitedRedis(): Promise<LimitedStore> {
  const redis = await startRedis();
  const etcd = await startEtcd();
  return {
    data: { engine: 'redis', options: { url: redis.url } },
    registry: { engine: 'etcd', options: { url: etcd.url } },
    takeRoom: async () => {
      const used = Number(/^used_memory:(\d+)/m.exec(await redis.command('INFO', 'memory'))?.[1]);
      await redis.command('CONFIG', 'SET', 'maxmemory', `${used}`);
    },
    makeRoom: async () => {
      await redis.command('CONFIG', 'SET', 'maxmemory', '0');
    },
    remove: async () => {
      await redis.remove();
      await etcd.remove();
    },
  };
}
