import { expect } from 'chai';
import { type EngineName, engines } from '../../src/infrastructure/storage/engines/registry.js';
import { ENGINE_FIXTURES, engineFixture } from './engine-fixtures.js';
import { storeContract } from './store.contract.js';

const names = Object.keys(ENGINE_FIXTURES) as EngineName[];

for (const name of names) storeContract({ describe, it }, engineFixture(name));

describe('engines', () => {
  it('are all tested, and listed in alphabetical order', () => {
    expect(Object.keys(engines)).to.deep.equal([...names].sort());
  });
});
