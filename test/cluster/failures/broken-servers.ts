// Loaded by `node --import` before the server: it breaks what the tests of failures are to notice.
import 'reflect-metadata';
import type { Batch, Store } from '../../../src/application/ports/store.js';
import { LimitExceededError } from '../../../src/domain/errors.js';
import { RegistryNode } from '../../../src/infrastructure/registry/registry-node.js';
import { EtcdStore } from '../../../src/infrastructure/storage/engines/etcd/etcd-store.js';
import { PostgresStore } from '../../../src/infrastructure/storage/engines/postgres/postgres-store.js';

// What was read of the registry is good for ever, and newer revisions are not looked for.
Object.defineProperty(RegistryNode.prototype, 'isCurrent', { get: () => true });

for (const { prototype } of [EtcdStore, PostgresStore] as { prototype: Store }[]) {
  const { commit } = prototype;
  // The quota is looked at before the commit, not in it.
  prototype.commit = async function (this: Store, { limit, ...batch }: Batch) {
    const { keys } = await this.size();
    if (limit !== undefined && keys + (batch.put?.length ?? 0) > limit.keys) throw new LimitExceededError('keys', keys);
    return commit.call(this, batch);
  };
}
