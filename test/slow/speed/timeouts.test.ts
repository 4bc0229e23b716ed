import { expect } from 'chai';
import { RawSocket } from '../../harness/raw-socket.js';
import { TestServer } from '../../harness/test-server.js';

/** Part of the limits of a real server, in ms. */
const LIMITS = { headersTimeout: 400, bodyTimeout: 600, keepAliveTimeout: 500, checkInterval: 50 };

describe('A client that is late', function () {
  this.retries(2);
  let server: TestServer;
  before(async () => {
    server = await TestServer.start(undefined, LIMITS);
  });
  after(() => server.stop());

  const put = (headers: string) =>
    `PUT /api/v1/projects/first_project/values/late HTTP/1.1\r\n` +
    `Host: h\r\nX-API-Key: ${server.projectKey}\r\n${headers}\r\n`;
  const cases: readonly (readonly [what: string, sent: () => string, drip: string, limit: number])[] = [
    ['sends nothing', () => '', '', LIMITS.headersTimeout],
    [
      'sends its headers byte by byte',
      () => '',
      'GET /livez HTTP/1.1\r\nHost: localhost\r\nX-A: aaaa',
      LIMITS.headersTimeout,
    ],
    ['stops in its headers', () => 'GET /livez HTTP/1.1\r\nHost:', '', LIMITS.headersTimeout],
    ['sends its body byte by byte', () => put('Content-Length: 1000\r\n'), 'abc', LIMITS.bodyTimeout],
    ['stops in its body', () => `${put('Transfer-Encoding: chunked\r\n')}3\r\nabc\r\n`, '', LIMITS.bodyTimeout],
  ];
  for (const [what, sent, drip, limit] of cases) {
    it(`is cut off after little more than the limit if it ${what}`, async () => {
      const socket = new RawSocket(server.address).send(sent());
      const start = performance.now();
      let at = 0;
      const dripping = setInterval(() => {
        if (drip !== '') socket.send(drip[at++ % drip.length] ?? '');
      }, 50);
      try {
        expect((await socket.answer())?.status).to.equal(408);
        expect((performance.now() - start) / limit).to.be.below(2);
      } finally {
        clearInterval(dripping);
        socket.destroy();
      }
    });
  }
});
