import { committingContract } from './commit.contract.js';
import { readingContract } from './get-scan.contract.js';
import { durableContract, lifeContract } from './lifecycle.contract.js';
import { modelContract } from './model.contract.js';
import { accountsContract } from './size-and-expiry.contract.js';
import { declareWith, type StoreFixture, type TestFramework } from './store-fixture.js';
import { contentContract } from './values.contract.js';

export type { StoreFixture, StorePlace, TestFramework } from './store-fixture.js';

/** Every promise of `Store`, as tests. Run it on each engine and on each wrapper of a store. */
export function storeContract(tests: TestFramework, fixture: StoreFixture): void {
  tests.describe(`the store ${fixture.name}`, () => {
    const declare = declareWith(tests, fixture);
    readingContract(declare);
    committingContract(declare);
    contentContract(declare);
    accountsContract(declare);
    lifeContract(declare);
    if (fixture.durable) durableContract(declare);
    modelContract(tests, fixture);
  });
}
