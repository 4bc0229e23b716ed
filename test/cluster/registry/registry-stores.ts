import type { Documents } from '../../../src/infrastructure/registry/documents.js';
import { EtcdDocuments } from '../../../src/infrastructure/registry/stores/etcd-documents.js';
import { PostgresDocuments } from '../../../src/infrastructure/registry/stores/postgres-documents.js';
import { EtcdOptions } from '../../../src/infrastructure/storage/engines/etcd/client/etcd-options.js';
import { PostgresOptions } from '../../../src/infrastructure/storage/engines/postgres/postgres-options.js';
import { missingEtcd, startEtcd } from '../etcd-server.js';
import { missingPostgres, startPostgres } from '../postgres-server.js';

/** A server on which a registry can be. */
export interface RegistryStore {
  readonly url: string;
  open(): Promise<Documents>;
  /** The server does not answer until `goOn`. */
  pause(): Promise<void>;
  goOn(): Promise<void>;
  remove(): Promise<void>;
}

interface RegistryStoreKind {
  /** Why no server can be started here; undefined if one can. */
  missing(): Promise<string | undefined>;
  start(): Promise<RegistryStore>;
}

export const REGISTRY_STORES: Readonly<Record<'etcd' | 'postgres', RegistryStoreKind>> = {
  etcd: {
    missing: missingEtcd,
    start: async () => {
      const { url, members, remove } = await startEtcd();
      return {
        url,
        open: () => EtcdDocuments.open(Object.assign(new EtcdOptions(), { url })),
        pause: async () => members[0]?.signal('SIGSTOP'),
        goOn: async () => members[0]?.signal('SIGCONT'),
        remove,
      };
    },
  },
  postgres: {
    missing: missingPostgres,
    start: async () => {
      const server = await startPostgres({ fsync: 'off' });
      return {
        url: server.url,
        open: () => PostgresDocuments.open(Object.assign(new PostgresOptions(), { url: server.url })),
        pause: () => server.stop('immediate'),
        goOn: () => server.start(),
        remove: () => server.remove(),
      };
    },
  },
};
