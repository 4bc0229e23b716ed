import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../src/application/ports/store.js';
import { engineNamed, type RemoteEngineName } from '../../src/infrastructure/storage/engines/registry.js';
import type { StoreFixture } from '../contract/store-fixture.js';
import { CheckedStore } from '../harness/checked-store.js';
import { missingEtcd, startEtcd } from './etcd-server.js';
import { missingPostgres, startPostgres } from './postgres-server.js';
import { missingRedis, startRedis } from './redis-server.js';

/** A running server of another kind, and the options with which an engine reaches it. */
export interface RemoteServer {
  readonly options: object;
  /** Further ones that the contract suite needs. */
  readonly contractOptions?: object;
  remove(): Promise<void>;
}

interface RemoteEngine {
  /** Why no server can be started here; undefined if one can. */
  missing(): Promise<string | undefined>;
  start(): Promise<RemoteServer>;
}

/** One line for every engine on a server; the compiler refuses to miss one. */
export const REMOTE_ENGINES: Readonly<Record<RemoteEngineName, RemoteEngine>> = {
  etcd: {
    missing: missingEtcd,
    // The suite has commits of 1,000 keys. Moves do with what the members take as they come.
    start: async () => {
      const { url, remove } = await startEtcd({ flags: ['--max-txn-ops=1200'] });
      return { options: { url, timeout: 100 }, contractOptions: { max_txn_ops: 1200 }, remove };
    },
  },
  postgres: {
    missing: missingPostgres,
    start: async () => {
      const { url, remove } = await startPostgres({ fsync: 'off' });
      // A busy machine takes seconds for 16 MiB.
      return { options: { url, timeout: 100, commit_timeout: 100 }, remove };
    },
  },
  redis: {
    missing: missingRedis,
    start: async () => {
      const { url, remove } = await startRedis();
      return { options: { url, timeout: 100, commit_timeout: 100 }, remove };
    },
  },
};

/** The fixture of an engine for the contract suite; its server runs when a store is made. */
export function remoteFixture(name: RemoteEngineName, server: () => RemoteServer): StoreFixture {
  return {
    name,
    durable: true,
    severalNodes: true,
    async begin() {
      const folder = await mkdtemp(join(tmpdir(), 'portkv-'));
      const engine = await engineNamed(name);
      const options = Object.assign(new engine.Options(), server().options, server().contractOptions);
      const location = { project: 'project', generation: 1, folder };
      const log = { error: nothing, warn: nothing, info: nothing, debug: nothing };
      await engine.create(location, options);
      return {
        open: () => engine.open(location, options, log),
        remove: () => engine.remove(location, options),
        fence: async (token) => engine.server?.fence(location, options, token),
        fencedBy: async () => engine.server?.fencedBy(location, options),
        unfence: async (token) => engine.server?.unfence(location, options, token),
        dispose: async () => {
          await engine.remove(location, options);
          await rm(folder, { recursive: true, force: true });
        },
      };
    },
  };
}

const nothing = () => undefined;

/** The same store, open at two nodes of which each call goes to the other one in turn. */
export function atNodesInTurn({ name, durable, begin }: StoreFixture): StoreFixture {
  return {
    name: `${name}, each call at another node`,
    durable,
    severalNodes: 'it is open at two nodes already',
    async begin() {
      const place = await begin();
      return { ...place, open: async () => new NodesInTurn(await place.open(), await place.open()) };
    },
  };
}

class NodesInTurn extends CheckedStore {
  #turn = 0;

  constructor(
    private readonly first: Store,
    private readonly second: Store,
  ) {
    super(first);
  }

  protected override get inner(): Store {
    this.#turn += 1;
    return this.#turn % 2 === 0 ? this.first : this.second;
  }

  override async close(): Promise<void> {
    await Promise.all([this.first.close(), this.second.close()]);
  }
}
