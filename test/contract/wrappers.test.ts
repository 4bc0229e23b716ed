import { QuotaStore } from '../../src/application/stores/quota-store.js';
import { engineFixture } from './engine-fixtures.js';
import { storeContract } from './store.contract.js';

const UNLIMITED = { maxKeys: Number.POSITIVE_INFINITY, maxTotalBytes: Number.POSITIVE_INFINITY };
const WIDE = { maxKeys: 1e9, maxTotalBytes: 1e12 };

for (const [engine, quota] of [
  ['memory', UNLIMITED],
  ['memory', WIDE],
  ['lmdb', WIDE],
] as const) {
  const { durable, begin } = engineFixture(engine);
  const within = async () => {
    const place = await begin();
    return { ...place, open: async () => new QuotaStore(await place.open(), () => quota) };
  };
  const name = `${engine} within ${quota === WIDE ? 'a quota' : 'no quota'}`;
  storeContract({ describe, it }, { name, durable, begin: within });
}
