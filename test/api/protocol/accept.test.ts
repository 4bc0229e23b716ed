import { expect } from 'chai';
import { send } from '../../harness/http-client.js';
import { TestServer } from '../../harness/test-server.js';

describe('The header Accept', () => {
  let server: TestServer;
  let key: string;
  before(async () => {
    server = await TestServer.start();
    key = server.projectKey;
  });
  after(() => server.stop());

  it('is matched by type in any case, and by q', async () => {
    const problem = async (accept: string) => {
      const { headers } = await server.call('GET', '/nothing', { headers: { accept } });
      return headers.get('content-type') === 'application/problem+json';
    };
    for (const accept of [
      'application/problem+json',
      'APPLICATION/Problem+JSON',
      'text/html, application/problem+json; charset=utf-8; q=0.1',
    ]) {
      expect(await problem(accept), accept).to.equal(true);
    }
    for (const accept of [
      '*/*',
      'application/json',
      'application/problem+json;q=0',
      'application/problem+json; Q=0.000, */*',
      'application/problem+jsonx',
    ]) {
      expect(await problem(accept), accept).to.equal(false);
    }
    const feed = async (accept: string) => {
      const { headers } = await send(server.address, 'HEAD', '/api/v1/projects/first_project/changes?wait=0', {
        headers: { accept, 'x-api-key': key },
      });
      return headers['content-type'];
    };
    expect(await feed('Text/Event-Stream')).to.equal('text/event-stream');
    expect(await feed('text/event-stream;q=0')).to.equal('application/json');
  });
});
