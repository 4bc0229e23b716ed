import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { RawSocket } from '../../harness/raw-socket.js';
import { TestServer } from '../../harness/test-server.js';

const GOOD = 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n';

describe('A connection', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  const open = () => new RawSocket(server.address);
  const put = (headers: string) =>
    `PUT /api/v1/projects/first_project/values/raw HTTP/1.1\r\n` +
    `Host: h\r\nX-API-Key: ${server.projectKey}\r\n${headers}\r\n`;

  it('of an HTTP/1.0 client is closed after the response', async () => {
    const socket = open().send('GET /livez HTTP/1.0\r\n\r\n');
    expect((await socket.answer())?.status).to.equal(200);
    expect(await socket.closed()).to.equal(true);
    const streamed = open().send(
      `GET /api/v1/projects/first_project/store HTTP/1.0\r\nX-API-Key: ${server.projectKey}\r\n\r\n`,
    );
    expect(await streamed.closed()).to.equal(true);
    expect(JSON.parse((await streamed.answer())?.body ?? '').status_code).to.equal(200);
  });

  it('is never upgraded to another protocol', async () => {
    for (const protocol of ['websocket', 'h2c', 'TLS/1.0']) {
      const socket = open().send(GOOD.replace('\r\n\r\n', `\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`));
      expect((await socket.answer())?.status, protocol).to.equal(200);
      socket.destroy();
    }
  });

  it('is announced to close by the response to a request that is under way when the server stops', async () => {
    const stopping = await TestServer.start();
    const socket = new RawSocket(stopping.address).send(
      `PUT /api/v1/projects/first_project/values/slow HTTP/1.1\r\nHost: h\r\nX-API-Key: ${stopping.projectKey}\r\n` +
        'Content-Length: 5\r\n\r\nab',
    );
    await sleep(50);
    const stopped = stopping.stop(20);
    await sleep(100);
    socket.send('cde');
    const answer = await socket.answer();
    expect(answer?.status).to.equal(201);
    expect(answer?.head).to.match(/^Connection: close$/im);
    await stopped;
  });

  it('may break off anywhere, and the server goes on', async () => {
    const parts = ['G', 'GET /livez HTTP/1.1\r\nHo', put('Content-Length: 5\r\n'), `${put('Content-Length: 5\r\n')}ab`];
    for (const part of [...parts, `${put('Transfer-Encoding: chunked\r\n')}5\r\nab`]) {
      const ended = open().send(part).end();
      expect(await ended.closed()).to.equal(true);
      const gone = open().send(part);
      await new Promise((resolve) => setTimeout(resolve, 20));
      gone.destroy();
    }
    expect((await open().send(GOOD).answer())?.status).to.equal(200);
  });
});
