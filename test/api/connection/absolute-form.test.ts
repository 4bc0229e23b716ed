import { expect } from 'chai';
import { RawSocket } from '../../harness/raw-socket.js';
import { TestServer } from '../../harness/test-server.js';

const VALUE = '/api/v1/projects/first_project/values/a%2Fb';

describe('A target in absolute form', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
    await server.call('PUT', 'first_project/values/a%2Fb', { key: server.projectKey, body: 'value' });
  });
  after(() => server.stop());

  async function ask(line: string, host = 'h') {
    const socket = new RawSocket(server.address);
    socket.send(`${line} HTTP/1.1\r\nHost: ${host}\r\nX-API-Key: ${server.projectKey}\r\n\r\n`);
    const answer = await socket.answer(undefined, line.startsWith('OPTIONS'));
    socket.destroy();
    return answer;
  }

  it('is the same as its path, whatever its host and scheme, on the fast path and on express', async () => {
    const authorities = [
      'localhost',
      '127.0.0.1:80',
      '[::1]:23849',
      'kv.example:',
      'a-b_c.d~e',
      'x%20y:65535',
      'HOST:0',
    ];
    for (const origin of authorities.flatMap((authority) => [`http://${authority}`, `HTTPS://${authority}`])) {
      for (const [path, body] of [
        [VALUE, 'value'],
        [`${VALUE}?`, 'value'],
        ['/livez', 'ok\n'],
        ['/api/v1/projects/first_project/values?key=a/b', 'value'],
      ]) {
        const answer = await ask(`GET ${origin}${path}`, 'another.example');
        expect([answer?.status, answer?.body], `${origin}${path}`).to.deep.equal([200, body]);
      }
    }
  });

  it('may have no path, which is the root, or for OPTIONS the server as a whole', async () => {
    const root = await ask('GET http://localhost');
    expect([root?.status, root?.head]).to.satisfy(([status, head]: [number, string]) => {
      return status >= 300 && status < 400 && /^location: /im.test(head);
    });
    expect((await ask('GET http://localhost?a=b'))?.status).to.equal(400);
    expect((await ask('OPTIONS http://localhost'))?.head).to.match(/^allow: .*DELETE/im);
    expect((await ask('OPTIONS http://localhost/livez'))?.head).to.match(/^allow: GET, HEAD, OPTIONS\r?$/im);
  });

  it('keeps a path that looks like another target', async () => {
    for (const path of ['//livez', '/http://localhost/livez']) {
      expect((await ask(`GET http://localhost${path}`))?.status, path).to.equal((await ask(`GET ${path}`))?.status);
    }
  });

  it('is refused with a user in it, which is not repeated', async () => {
    const answer = await ask('GET http://user:secret@localhost/livez');
    expect(answer?.status).to.equal(400);
    expect(answer?.body).to.contain('no valid host').and.not.contain('secret');
  });
});
