import type { Store } from '../../../src/application/ports/store.js';
import { localEngineNames } from '../../../src/infrastructure/storage/engines/registry.js';
import { OnDemandStore } from '../../../src/infrastructure/storage/on-demand/on-demand-store.js';
import { StorePool } from '../../../src/infrastructure/storage/on-demand/store-pool.js';
import { engineFixture } from '../../contract/engine-fixtures.js';
import { storeContract } from '../../contract/store.contract.js';
import type { StoreFixture } from '../../contract/store-fixture.js';

const nothing = () => undefined;
const log = { error: nothing, warn: nothing, info: nothing, debug: nothing };

for (const engine of localEngineNames.filter((name) => name !== 'memory')) {
  const { durable, begin } = engineFixture(engine);
  const fixture: StoreFixture = {
    name: `${engine}, closed before every call`,
    durable,
    async begin() {
      const place = await begin();
      const pool = new StorePool({ maxOpen: 1, idleAfter: 60_000 });
      const closedState = async () => undefined;
      const options = { project: 'p', pool, log, open: () => place.open(), closedState, onUnavailable: nothing };
      return { ...place, open: async () => closedBeforeCalls(await OnDemandStore.open(options, undefined)) };
    },
  };
  storeContract({ describe, it }, fixture);
}

/** Closes the store, if no call runs, before every call. */
function closedBeforeCalls(store: OnDemandStore): Store {
  const suspended = () => {
    if (store.state === 'idle') void store.suspend();
    return store;
  };
  return {
    get: (key) => suspended().get(key),
    getMany: (keys) => suspended().getMany(keys),
    scan: (range) => suspended().scan(range),
    scanHeads: (range) => suspended().scanHeads(range),
    expiring: (before, limit) => suspended().expiring(before, limit),
    size: () => suspended().size(),
    unreadable: () => store.unreadable(),
    commit: (batch) => suspended().commit(batch),
    close: () => store.close(),
  };
}
