import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

describe('X-Request-Id', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  it('is that of the client if it is well-formed, and else a new one for every request', async () => {
    const idOf = async (sent?: string) => {
      const headers: Record<string, string> = sent === undefined ? {} : { 'x-request-id': sent };
      return (await server.call('GET', '/nothing', { headers })).headers.get('x-request-id');
    };
    for (const sane of ['a', 'abc-123_X.y:z', 'x'.repeat(64)]) expect(await idOf(sane)).to.equal(sane);
    const made = [await idOf(), await idOf(), await idOf('a b'), await idOf('x'.repeat(65)), await idOf('<script>')];
    for (const id of made) expect(id).to.match(/^[\w-]{8,20}$/);
    expect(new Set(made).size).to.equal(5);
  });
});
