import { type EtcdMember, missingEtcd, startEtcd } from '../etcd-server.js';
import { missingPostgres, startPostgres } from '../postgres-server.js';
import { TcpProxy } from '../tcp-proxy.js';

/** The way of one server to the store. */
export interface StorePath {
  readonly url: string;
  readonly proxies: readonly TcpProxy[];
}

/** A store that survives the loss of a part, for the registry and the data. */
export interface SharedStore {
  /** Another way for another server. */
  path(): Promise<StorePath>;
  /** Takes away what the store can lose. Returns once that has happened. */
  lose(): Promise<void>;
  /** Brings it back, if something else can be lost again then. */
  restore(): Promise<void>;
  remove(): Promise<void>;
}

interface SharedStoreKind {
  missing(): Promise<string | undefined>;
  start(): Promise<SharedStore>;
  /** How often it can lose a part. */
  readonly losses: number;
}

export const SHARED_STORES: Readonly<Record<'etcd' | 'postgres', SharedStoreKind>> = {
  etcd: { missing: missingEtcd, start: startMembers, losses: 2 },
  postgres: { missing: missingPostgres, start: startPair, losses: 1 },
};

/** Three members, of which the leader is killed. */
async function startMembers(): Promise<SharedStore> {
  const etcd = await startEtcd({ size: 3 });
  const paths: TcpProxy[] = [];
  let lost: EtcdMember | undefined;
  return {
    path: async () => {
      const proxies = await Promise.all(etcd.members.map(({ url }) => TcpProxy.to(Number(new URL(url).port))));
      paths.push(...proxies);
      return { url: proxies.map(({ port }) => `http://127.0.0.1:${port}`).join(), proxies };
    },
    lose: async () => {
      lost = await leaderOf(etcd.members);
      await lost.kill();
    },
    restore: async () => {
      await lost?.start();
    },
    remove: async () => {
      for (const proxy of paths) proxy.close();
      await etcd.remove();
    },
  };
}

async function leaderOf(members: readonly EtcdMember[]): Promise<EtcdMember> {
  for (;;) {
    for (const member of members) {
      const metrics = await (await fetch(`${member.url}/metrics`)).text();
      if (/^etcd_server_is_leader 1$/m.test(metrics)) return member;
    }
  }
}

/** A primary with a synchronous standby, which takes its place. */
async function startPair(): Promise<SharedStore> {
  const primary = await startPostgres({ fsync: 'off', wal_level: 'replica' });
  const standby = await startPostgres({ fsync: 'off' }, primary);
  await primary.sql(`ALTER SYSTEM SET synchronous_standby_names = 'standby'`);
  await primary.sql('SELECT pg_reload_conf()');
  const state = () => primary.sql(`SELECT sync_state FROM pg_stat_replication`);
  while (!(await state()).includes('sync\n')) await new Promise((resolve) => setTimeout(resolve, 50));
  const paths: TcpProxy[] = [];
  let port = primary.port;
  return {
    path: async () => {
      const proxy = await TcpProxy.to(port);
      paths.push(proxy);
      return { url: `postgres://portkv@127.0.0.1:${proxy.port}/postgres`, proxies: [proxy] };
    },
    lose: async () => {
      await primary.stop('immediate');
      await standby.promote();
      port = standby.port;
      for (const proxy of paths) proxy.retarget(port);
    },
    restore: async () => undefined,
    remove: async () => {
      for (const proxy of paths) proxy.close();
      await Promise.all([primary.remove(), standby.remove()]);
    },
  };
}
