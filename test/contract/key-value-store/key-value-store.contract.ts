import type { TestFramework } from '../store-fixture.js';
import { declareWith, type KeyValueStoreFixture } from './fixture.js';
import { listContract } from './lists.js';
import { manyContract } from './many.js';
import { oldEntriesContract } from './old-entries.js';
import { transactionContract } from './transactions.js';
import { valuesContract } from './values.js';
import { watchContract } from './watch.js';
import { writesContract } from './writes.js';

/** Every promise of `KeyValueStore`, as tests, for any place in which JavaScript runs. */
export function keyValueStoreContract(tests: TestFramework, fixture: KeyValueStoreFixture): void {
  const declare = declareWith(tests, fixture);
  tests.describe(`the key-value store ${fixture.name}`, () => {
    tests.describe('values', () => valuesContract(declare));
    tests.describe('writes', () => writesContract(declare));
    tests.describe('old entries', () => oldEntriesContract(declare));
    tests.describe('many', () => manyContract(declare));
    tests.describe('lists', () => listContract(declare));
    tests.describe('transactions', () => transactionContract(declare));
    tests.describe('watch', () => watchContract(declare));
  });
}
