import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

describe('A project id', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  it('that no project can have is refused, on every route', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/config/regenerate-api-key'],
      ['POST', '/encryption/rotate'],
      ['GET', '/store/k'],
    ] as const) {
      for (const id of ['a%20b', 'a.b', '%2e%2e%2fx', 'x'.repeat(65)]) {
        const { status, json } = await server.call(method, `${id}${path}`, { key: server.systemKey });
        expect([status, json.error.code], `${method} ${id}${path}`).to.deep.equal([400, 'invalid']);
      }
    }
  });
});
