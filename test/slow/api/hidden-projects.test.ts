import { expect } from 'chai';
import { HiddenProjectsServer, KNOWN, UNKNOWN, WRONG_KEYS } from './hidden-projects-server.js';

describe('Hidden projects', function () {
  this.timeout(120_000);
  let server: HiddenProjectsServer;
  before(async () => {
    server = await HiddenProjectsServer.start();
  });
  after(() => server.stop());

  it('cannot be told apart from projects that do not exist: every response has the same bytes', async () => {
    const requests: readonly [string, string, string][] = [
      ['GET', '/values/a', ''],
      ['HEAD', '/values/a', ''],
      ['GET', '', ''],
      ['PUT', '/values/a', 'x'.repeat(100)],
      ['POST', '/store', 'a=1'],
      ['POST', '/store', 'a=1&auth=wrong'],
      ['DELETE', '/store?nonsense=1', ''],
      ['GET', '/store?limit=nonsense', ''],
      ['POST', '/transactions', 'no JSON'],
      ['GET', '/api-keys', ''],
      ['POST', '/api-keys/x/rotate', ''],
    ];
    for (const [method, rest, body] of requests) {
      for (const key of WRONG_KEYS) {
        const responses = new Set<string>();
        for (const project of [...KNOWN, ...UNKNOWN]) {
          responses.add((await server.ask({ project, key, method, rest, body })).bytes);
        }
        expect([...responses], `${method} ${rest} with a key: ${key}`).to.have.length(1);
        expect([...responses][0]).to.match(/^401 /);
      }
    }
  });
});
