import { encryptedLayer, storeStack } from '../../src/application/lifecycle/store-stack.js';
import type { Store } from '../../src/application/ports/store.js';
import { DiskSpaceStore } from '../../src/application/stores/disk-space-store.js';
import { EncryptedStore } from '../../src/application/stores/encrypted-store.js';
import { QuotaStore } from '../../src/application/stores/quota-store.js';
import { RepeatingStore } from '../../src/application/stores/repeating-store.js';
import { ReservingStore } from '../../src/application/stores/reserving-store.js';
import { SwappableStore } from '../../src/application/stores/swappable-store.js';
import { ConfiguredCiphers } from '../../src/infrastructure/security/configured-ciphers.js';
import { type LocalEngineName, localEngineNames } from '../../src/infrastructure/storage/engines/registry.js';
import { CheckedStore } from '../harness/checked-store.js';
import { engineFixture } from './engine-fixtures.js';
import type { StoreFixture } from './store-fixture.js';

/** A wrapper of stores, and the engines on which the contract suite runs it. */
interface Wrapper {
  wrap(inner: Store): Store;
  readonly engines: readonly LocalEngineName[];
}

const NO_QUOTA = { maxKeys: Number.POSITIVE_INFINITY, maxTotalBytes: Number.POSITIVE_INFINITY };
const WIDE_QUOTA = { maxKeys: 1e9, maxTotalBytes: 1e12 };
const KEY_ENV = 'PORTKV_CONTRACT_TEST_KEY';

process.env[KEY_ENV] = Buffer.alloc(32, 7).toString('base64');
const cipher = await new ConfiguredCiphers('.').of('project', { key_env: KEY_ENV });

/** Every wrapper in `src/application/stores`, and their stack: one line for each. */
export const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  encrypted: { wrap: (inner) => new EncryptedStore(inner, cipher), engines: ['memory', 'lmdb'] },
  swappable: { wrap: (inner) => new SwappableStore(inner), engines: ['memory', 'lmdb'] },
  'checked for disk space': {
    wrap: (inner) => new DiskSpaceStore(inner, async () => undefined),
    engines: ['memory', 'json-file'],
  },
  'within no quota': { wrap: (inner) => new QuotaStore(inner, () => NO_QUOTA), engines: ['memory', 'lmdb'] },
  repeating: { wrap: (inner) => new RepeatingStore(inner), engines: ['memory', 'lmdb'] },
  reserving: { wrap: (inner) => new ReservingStore(inner), engines: ['memory', 'lmdb'] },
  'within a quota': {
    wrap: (inner) => new QuotaStore(new ReservingStore(inner), () => WIDE_QUOTA),
    engines: ['memory', 'lmdb'],
  },
  'in the whole stack': {
    wrap: (store) => storeStack(encryptedLayer({ store, cipher, checksLimit: false }), () => WIDE_QUOTA).store,
    engines: localEngineNames,
  },
};

/** The fixture of a wrapper around the stores of an engine. */
export function wrapperFixture(name: string, wrap: (inner: Store) => Store, engine: LocalEngineName): StoreFixture {
  const { durable, severalNodes, begin } = engineFixture(engine);
  return {
    name: `${engine}, ${name}`,
    durable,
    ...(severalNodes === undefined ? {} : { severalNodes }),
    async begin() {
      const place = await begin();
      return { ...place, open: async () => wrap(new CheckedStore(await place.open())) };
    },
  };
}
