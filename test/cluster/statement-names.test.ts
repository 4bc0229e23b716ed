import { expect } from 'chai';
import { entry } from '../contract/store-fixture.js';
import { missingPostgres, startPostgres } from './postgres-server.js';
import { storeOn } from './store-on.js';

const reason = await missingPostgres();

describe(`A store on PostgreSQL with a long name${reason === undefined ? '' : `, skipped: ${reason}`}`, () => {
  it('is read in both directions and written in each way on the same connection', async function () {
    if (reason !== undefined) this.skip();
    const postgres = await startPostgres({ fsync: 'off' });
    const { store, remove } = await storeOn('postgres', postgres.url, { schema: 's'.repeat(30), pool_size: 1 });
    const put = [entry('a'), entry('b')];
    const changes = put.map(({ key, version }) => ({ event: 'put', key, version, sizeBytes: 1 }) as const);
    expect(await store.commit({ put })).to.equal(true);
    expect(await store.commit({ put, changes })).to.equal(true);
    for (const reverse of [false, true]) {
      const range = { limit: 10, reverse };
      const keys = [...(await store.scan(range)), ...(await store.scanHeads(range))].map(({ key }) => key);
      expect(keys.join('')).to.equal(reverse ? 'baba' : 'abab');
    }
    await remove();
    await postgres.remove();
  }).timeout(60_000);
});
