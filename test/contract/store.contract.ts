import { commitContract } from './commit.contract.js';
import { getScanContract } from './get-scan.contract.js';
import { durabilityContract, lifecycleContract } from './lifecycle.contract.js';
import { durableMetadataContract, metadataContract } from './metadata.contract.js';
import { modelContract } from './model.contract.js';
import { severalNodesContract } from './several-nodes.contract.js';
import { sizeAndExpiryContract } from './size-and-expiry.contract.js';
import { declareWith, type StoreFixture, type TestFramework } from './store-fixture.js';
import { valuesContract } from './values.contract.js';

export type { StoreFixture, StorePlace, TestFramework } from './store-fixture.js';

/** Every promise of `Store`, as tests. Run it on each engine and on each wrapper of a store. */
export function storeContract(tests: TestFramework, fixture: StoreFixture): void {
  const declare = declareWith(tests, fixture);
  tests.describe(`the store ${fixture.name}`, () => {
    tests.describe('get and scan', () => getScanContract(declare));
    tests.describe('commit', () => commitContract(declare));
    tests.describe('values', () => valuesContract(declare));
    tests.describe('metadata', () => metadataContract(declare));
    tests.describe('size and expiry', () => sizeAndExpiryContract(declare));
    tests.describe('lifecycle', () => lifecycleContract(declare));
    if (fixture.durable) {
      tests.describe('durability', () => {
        durabilityContract(declare);
        durableMetadataContract(declare);
      });
    }
    tests.describe('model', () => modelContract(tests, fixture));
    tests.describe('open at several nodes', () => severalNodesContract(tests, fixture));
  });
}
