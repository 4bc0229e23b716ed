import { METHODS } from 'node:http';
import { expect } from 'chai';
import { type RawResponse, RawSocket } from '../../harness/raw-socket.js';
import { TestServer } from '../../harness/test-server.js';

const GOOD = 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n';

describe('Methods', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  const open = () => new RawSocket(server.address);

  it('HEAD works on every path with GET, with the same headers and no body', async () => {
    await server.call('PUT', 'first_project/values/head', { key: server.projectKey, body: 'value' });
    const own = `Host: h\r\nX-API-Key: ${server.projectKey}\r\n\r\n`;
    const base = '/api/v1/projects/first_project';
    for (const path of [
      '/livez',
      '/readyz',
      `${base}/values/head`,
      `${base}/store/head/value`,
      `${base}?`,
      `${base}/store?limit=5`,
    ]) {
      const [head, get] = [
        open().send(`HEAD ${path} HTTP/1.1\r\n${own}`),
        open().send(`GET ${path} HTTP/1.1\r\n${own}`),
      ];
      const [short, whole] = [await head.answer(undefined, true), await get.answer()];
      expect(short?.status, path).to.equal(200);
      expect(headersOf(short), path).to.deep.equal(headersOf(whole).filter((line) => isSent(path, line)));
      expect((await head.send(GOOD).answer())?.body, path).to.equal('ok\n');
      for (const socket of [head, get]) socket.destroy();
    }
  });

  it('OPTIONS returns the methods that are allowed, on every path', async () => {
    for (const [path, allow] of [
      ['/livez', 'GET, HEAD, OPTIONS'],
      ['/api/v1/projects', 'GET, HEAD, POST, OPTIONS'],
      ['/api/v1/projects/nothing/values/k', 'GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS'],
      ['/api/v1/projects/first_project/transactions', 'POST, OPTIONS'],
    ] as const) {
      const { status, headers } = await server.call('OPTIONS', path);
      expect({ status, allow: headers.get('allow') }, path).to.deep.equal({ status: 204, allow });
    }
    const { headers } = await server.call('OPTIONS', '/api/v1/projects/nothing/store/k');
    expect(headers.get('accept-patch')).to.equal('application/merge-patch+json');
    expect((await server.call('OPTIONS', '/nothing')).status).to.equal(404);
  });

  it('OPTIONS * returns the methods that any path allows', async () => {
    const socket = open().send('OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n');
    const answer = await socket.answer(undefined, true);
    expect(answer?.status).to.equal(204);
    expect(answer?.head).to.match(/^allow: GET, HEAD, (?=.*POST)(?=.*PUT)(?=.*PATCH)(?=.*DELETE)[A-Z, ]+OPTIONS\r?$/im);
    expect((await socket.send(GOOD).answer())?.body).to.equal('ok\n');
    socket.destroy();
  });

  it('other methods get 405 with those that the path allows, whichever node knows', async () => {
    for (const method of METHODS.filter((one) => !['GET', 'HEAD', 'OPTIONS', 'CONNECT'].includes(one))) {
      for (const path of ['/livez', '/docs']) {
        const answer = await open().send(`${method} ${path} HTTP/1.1\r\nHost: h\r\n\r\n`).answer();
        expect(answer?.status, method).to.equal(405);
        expect(answer?.head, method).to.match(/^allow: GET, HEAD, OPTIONS\r?$/im);
      }
    }
  });
});

/** HEAD of a list reads no values, so it cannot say how long the list would be. */
function isSent(path: string, header: string): boolean {
  return !path.includes('/store?') || !/^content-length:/i.test(header);
}

function headersOf(answer: RawResponse | undefined): string[] {
  const lines = answer?.head.split('\r\n') ?? [];
  return lines.filter((line) => !/^(x-request-id|date|vary|connection|keep-alive):/i.test(line)).sort();
}
