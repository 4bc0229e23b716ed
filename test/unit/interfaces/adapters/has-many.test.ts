import { expect } from 'chai';
import { KeyvStore } from '../../../../src/interfaces/adapters/keyv-store.js';
import { connect } from '../../../../src/interfaces/client/client.js';
import { TestServer } from '../../../harness/test-server.js';

describe('hasMany of the adapter for Keyv', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  it('asks for 1,000 keys at once, also if some repeat or are too long', async () => {
    const requests: string[] = [];
    const store = connect({
      url: server.address,
      project: 'first_project',
      key: server.projectKey,
      fetch: (input, init) => {
        requests.push(String(input));
        return fetch(input, init);
      },
    });
    const keyv = new KeyvStore(store, { prefix: 'cache:' });
    const names = Array.from({ length: 1500 }, (_, i) => (i % 3 === 0 ? `${i}`.repeat(600) : `${i}`));
    const there = names.filter((_, i) => i % 2 === 0);
    await keyv.setMany(there.map((key) => ({ key, value: key.length })));
    requests.length = 0;
    const asked = [...names, ...names.slice(0, 10)];
    expect(await keyv.hasMany(asked)).to.deep.equal(asked.map((_, i) => i % 2 === 0));
    expect(requests).to.have.length(2);
    expect(await keyv.hasMany([])).to.deep.equal([]);
  });
});
