import { KeyvStore } from '../../../src/interfaces/adapters/keyv-store.js';
import { type SessionMethods, sessionStore } from '../../../src/interfaces/adapters/session-store.js';
import { UnstorageDriver } from '../../../src/interfaces/adapters/unstorage-driver.js';
import type { KeyValueStore } from '../../../src/interfaces/key-value-store/key-value-store.js';

/** A store, in this process or on a server, and the adapters on it. */
export interface StoreWorld {
  readonly store: KeyValueStore;
  readonly keyv: KeyvStore;
  readonly unstorage: UnstorageDriver;
  readonly sessions: SessionMethods;
}

export function storeWorld<S extends KeyValueStore>(store: S): StoreWorld & { readonly store: S } {
  return {
    store,
    keyv: new KeyvStore(store),
    unstorage: new UnstorageDriver(store),
    sessions: sessionStore(class {}, store, { prefix: '' }),
  };
}
