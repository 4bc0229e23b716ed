import { setTimeout as sleep } from 'node:timers/promises';
import { type EtcdCluster, type EtcdClusterOptions, type EtcdMember, missingEtcd, startEtcd } from '../etcd-server.js';
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
  /** Brings back what was lost, so that something else can be lost. */
  restore(): Promise<void>;
  remove(): Promise<void>;
}

interface SharedStoreKind {
  missing(): Promise<string | undefined>;
  start(): Promise<SharedStore>;
}

export const SHARED_STORES: Readonly<Record<'etcd' | 'postgres', SharedStoreKind>> = {
  etcd: { missing: missingEtcd, start: startMembers },
  postgres: { missing: missingPostgres, start: startPair },
};

/** A cluster of etcd as a store. */
export interface EtcdSharedStore extends SharedStore {
  readonly etcd: EtcdCluster;
}

/** Three members, of which in turn the leader and another one is killed. */
export async function startMembers(options: EtcdClusterOptions = {}): Promise<EtcdSharedStore> {
  const etcd = await startEtcd({ size: 3, ...options });
  const paths: TcpProxy[] = [];
  let lost: EtcdMember | undefined;
  let losses = 0;
  return {
    etcd,
    path: async () => {
      const proxies = await Promise.all(etcd.members.map(({ url }) => TcpProxy.to(Number(new URL(url).port))));
      paths.push(...proxies);
      return { url: proxies.map(({ port }) => `http://127.0.0.1:${port}`).join(), proxies };
    },
    lose: async () => {
      const leader = await leaderOf(etcd.members);
      const followers = etcd.members.filter((member) => member !== leader);
      lost = losses % 2 === 0 ? leader : followers[Math.floor(losses / 2) % followers.length];
      losses += 1;
      await lost?.kill();
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

/** The member that says of itself that it leads. */
export async function leaderOf(members: readonly EtcdMember[]): Promise<EtcdMember> {
  for (;;) {
    for (const member of members) {
      const metrics = await fetch(`${member.url}/metrics`).then(
        (answer) => answer.text(),
        () => '',
      );
      if (/^etcd_server_is_leader 1$/m.test(metrics)) return member;
    }
    await sleep(20);
  }
}

/** A primary with a synchronous standby, which takes its place. */
export async function startPair(): Promise<SharedStore> {
  let primary = await startPostgres({ fsync: 'off', wal_level: 'replica' });
  const addStandby = async () => {
    const standby = await startPostgres({ fsync: 'off', wal_level: 'replica' }, primary);
    await primary.sql(`ALTER SYSTEM SET synchronous_standby_names = 'standby'`);
    await primary.sql('SELECT pg_reload_conf()');
    const state = () => primary.sql(`SELECT sync_state FROM pg_stat_replication`);
    while (!(await state()).includes('sync\n')) await sleep(50);
    return standby;
  };
  let standby = await addStandby();
  const paths: TcpProxy[] = [];
  return {
    path: async () => {
      const proxy = await TcpProxy.to(primary.port);
      paths.push(proxy);
      return { url: `postgres://portkv@127.0.0.1:${proxy.port}/postgres`, proxies: [proxy] };
    },
    lose: async () => {
      await primary.stop('immediate');
      // It has no setting to wait for a standby of its own until it has one.
      await standby.promote();
      for (const proxy of paths) proxy.retarget(standby.port);
    },
    restore: async () => {
      await primary.remove();
      primary = standby;
      standby = await addStandby();
    },
    remove: async () => {
      for (const proxy of paths) proxy.close();
      await Promise.all([primary.remove(), standby.remove()]);
    },
  };
}
