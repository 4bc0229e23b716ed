import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

const MIB = 1024 * 1024;

describe('Large values', () => {
  let server: TestServer;
  let key: string;
  before(async () => {
    server = await TestServer.start();
    key = await server.project('large', { storage: { engine: 'lmdb' } });
    const body = Buffer.alloc(15 * MIB, 'x');
    for (let i = 0; i < 6; i++) await server.call('PUT', `large/values/k${i}`, { key, body });
  });
  after(() => server.stop());

  it('make a page end early, with a cursor to the rest', async () => {
    const seen: string[] = [];
    let cursor = '';
    let pages = 0;
    do {
      const { json } = await server.call('GET', `large/store?limit=1000${cursor}`, { key });
      seen.push(...Object.keys(json.data.items));
      cursor = json.data.cursor === null ? '' : `&cursor=${json.data.cursor}`;
      pages += 1;
    } while (cursor !== '');
    expect(seen).to.deep.equal(['k0', 'k1', 'k2', 'k3', 'k4', 'k5']);
    expect(pages).to.equal(2);
  });

  it('do not matter if only keys are listed', async () => {
    const { json } = await server.call('GET', 'large/store?keys_only=true', { key });
    expect(json.data).to.deep.equal({ keys: ['k0', 'k1', 'k2', 'k3', 'k4', 'k5'], cursor: null });
  });

  it('are refused in one transaction beyond 64 MiB, and nothing is changed', async () => {
    const operations = [0, 1, 2, 3, 4].map((i) => ({ get: { key: `k${i}` } }));
    const body = JSON.stringify({ operations: [...operations, { delete: { key: 'k5' } }] });
    const { status, json } = await server.call('POST', 'large/transactions', { key, body });
    expect([status, json.error.limit_bytes]).to.deep.equal([413, 64 * MIB]);
    expect((await server.call('HEAD', 'large/values/k5', { key })).status).to.equal(200);
  });
});
