import { expect } from 'chai';
import { type LocalEngineName, localEngineNames } from '../../src/infrastructure/storage/engines/registry.js';
import { ENGINE_FIXTURES, engineFixture } from './engine-fixtures.js';
import { storeContract } from './store.contract.js';

const names = Object.keys(ENGINE_FIXTURES) as LocalEngineName[];

for (const name of names) storeContract({ describe, it }, engineFixture(name));

describe('engines', () => {
  it('are all tested, and listed in alphabetical order', () => {
    expect(localEngineNames).to.deep.equal([...names].sort());
  });
});
