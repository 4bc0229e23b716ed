import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

describe('Request rates', () => {
  let now = Date.now();
  let server: TestServer;
  before(async () => {
    server = await TestServer.start({ now: () => now });
  });
  after(() => server.stop());

  const get = (key: string, headers: Record<string, string> = {}) =>
    server.call('GET', 'first_project/values/k', { key, headers });

  /** The key with one character replaced and the old checksum: malformed, so it costs no hash. */
  const foreign = (key: string) => `${key.slice(0, 20)}${key[20] === 'A' ? 'B' : 'A'}${key.slice(21)}`;

  it('are not limited, and not in the response, unless that is configured', async () => {
    for (let i = 0; i < 50; i++) expect((await get(server.projectKey)).status).to.equal(404);
    expect((await get(server.projectKey)).headers.get('ratelimit-limit')).to.equal(null);
    for (let i = 0; i < 15; i++) expect((await get(foreign(server.projectKey))).status).to.equal(401);
  });

  it('of wrong secrets are limited with 429, and other clients are not affected', async () => {
    const wrong = (i: number) => server.call('GET', 'first_project/values/k', { key: `wrong-secret-${i}` });
    for (let i = 0; i < 10; i++) expect((await wrong(i)).status).to.equal(401);
    for (let i = 10; i < 60; i++) {
      const { status, headers, json } = await wrong(i);
      expect(status).to.equal(429);
      expect(Number(headers.get('retry-after'))).to.be.within(1, 60);
      expect(json.error.code).to.equal('rate_limited');
    }
    expect((await get(server.projectKey)).status).to.equal(404);
    now += 60_001;
    expect((await wrong(0)).status).to.equal(401);
  });

  it('per key are limited, shown in headers, and start again after their period', async () => {
    await server.configure({ rate_limits: { per_key: { requests: 3, seconds: 10 } } });
    for (const left of [2, 1, 0]) {
      const { status, headers } = await get(server.projectKey);
      expect(status).to.equal(404);
      expect(headers.get('ratelimit-limit')).to.equal('3');
      expect(headers.get('ratelimit-remaining')).to.equal(String(left));
      expect(headers.get('ratelimit-reset')).to.equal('10');
    }
    const { status, headers } = await get(server.projectKey);
    expect(status).to.equal(429);
    expect(headers.get('retry-after')).to.equal('10');
    expect((await server.call('GET', '/status', { key: server.systemKey })).status).to.equal(200);
    now += 10_001;
    expect((await get(server.projectKey)).status).to.equal(404);
  });

  it('per address count the client that a trusted proxy names, and ignore the header of others', async () => {
    await server.configure({ rate_limits: { per_address: { requests: 2, seconds: 10 } }, trust_proxy: 1 });
    const from = async (address: string) => (await get(server.projectKey, { 'x-forwarded-for': address })).status;
    expect([await from('1.1.1.1'), await from('1.1.1.1'), await from('1.1.1.1')]).to.deep.equal([404, 404, 429]);
    expect([await from('2.2.2.2'), await from('9.9.9.9, 1.1.1.1')]).to.deep.equal([404, 429]);
    expect((await server.call('GET', '/livez', { headers: { 'x-forwarded-for': '1.1.1.1' } })).status).to.equal(200);
    await server.configure({ trust_proxy: 0 });
    expect([await from('1.1.1.1'), await from('2.2.2.2'), await from('3.3.3.3')]).to.deep.equal([404, 404, 429]);
  });
});
