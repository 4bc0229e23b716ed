import { Admin } from './admin.js';
import { Connection, type ConnectionOptions } from './http/connection.js';
import { PortkvError } from './http/portkv-error.js';
import { dataOf } from './http/response.js';
import { projectPath } from './paths.js';
import { RemoteStore } from './remote-store.js';

export type {
  KeysOptions,
  KeyValueStore,
  ListOptions,
  StoreChange,
  WatchOptions,
} from '../key-value-store/key-value-store.js';
export type { Removed, Replaced, TransactionCheck, TransactionOperation } from '../key-value-store/transaction.js';
export type { PutEntry, PutOptions, Stored, StoredHead } from '../key-value-store/values.js';
export type { ApiKey, AuditFilter, AuditRecord, Migration, NewApiKey, ProjectSettings, Snapshot } from './admin.js';
export type { ClientErrorCode } from './http/portkv-error.js';
export type { CallOptions } from './remote-store.js';
export { Admin, type ConnectionOptions, PortkvError, RemoteStore };

/**
 * The store of a project on a server. Nothing is sent before the first call. Throws `invalid` for a URL or a project
 * that cannot be.
 */
export function connect<T = unknown>(options: ConnectionOptions & { readonly project: string }): RemoteStore<T> {
  const { project, ...connection } = options;
  return new RemoteStore<T>(new Connection(connection), projectPath(project));
}

/** A server, reached with one key. */
export interface Client {
  /** The store of a project. */
  project<T = unknown>(id: string): RemoteStore<T>;
  readonly admin: Admin;
  /** What the key is and may do. */
  whoami(): Promise<Readonly<Record<string, unknown>>>;
}

/** A client for several projects, or for their administration. Throws `invalid` for a URL that cannot be. */
export function createClient(options: ConnectionOptions): Client {
  const connection = new Connection(options);
  return {
    project: <T>(id: string) => new RemoteStore<T>(connection, projectPath(id)),
    admin: new Admin(connection),
    whoami: async () => {
      const response = await connection.send({ method: 'GET', path: '/api/v1/whoami', repeat: 'safe' });
      return dataOf(response) as Readonly<Record<string, unknown>>;
    },
  };
}
