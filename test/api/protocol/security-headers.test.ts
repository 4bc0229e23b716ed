import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

describe('Every response', () => {
  let server: TestServer;
  let key: string;
  before(async () => {
    server = await TestServer.start();
    key = server.projectKey;
    await server.call('PUT', 'first_project/values/k1', { key, body: 'v'.repeat(100) });
  });
  after(() => server.stop());

  it('keeps browsers from running or sniffing its content', async () => {
    for (const path of ['first_project/values/k1', 'first_project/store?limit=2', '/livez', '/nothing', '/metrics']) {
      const { headers } = await server.call('GET', path, { key });
      expect(headers.get('content-security-policy'), path).to.equal('sandbox');
      expect(headers.get('x-content-type-options'), path).to.equal('nosniff');
      expect(headers.get('x-powered-by'), path).to.equal(null);
    }
    const { headers } = await server.call('GET', '/nothing');
    expect(headers.get('x-frame-options')).to.equal('SAMEORIGIN');
    expect(headers.get('referrer-policy')).to.equal('no-referrer');
  });
});
