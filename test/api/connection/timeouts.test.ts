import { expect } from 'chai';
import { RawSocket } from '../../harness/raw-socket.js';
import { TestServer } from '../../harness/test-server.js';

const GOOD = 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n';
/** At most a tenth of the limits of a real server, in ms. */
const LIMITS = { headersTimeout: 400, bodyTimeout: 600, keepAliveTimeout: 500, checkInterval: 50 };

describe('Clients that are late or too many', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start(undefined, { ...LIMITS, maxConnections: 40 });
  });
  after(() => server.stop());

  const open = () => new RawSocket(server.address);
  const put = (headers: string) =>
    `PUT /api/v1/projects/first_project/values/late HTTP/1.1\r\n` +
    `Host: h\r\nX-API-Key: ${server.projectKey}\r\n${headers}\r\n`;

  /** Sends a byte of `rest` every 50 ms. */
  function drip(socket: RawSocket, rest: string): NodeJS.Timeout {
    let sent = 0;
    return setInterval(() => socket.send(rest[sent++ % rest.length] ?? ''), 50);
  }

  /** Expects 408 and the end of the connection after at least `least` ms. */
  async function cutOff(socket: RawSocket, drips: NodeJS.Timeout | undefined, least: number): Promise<void> {
    const start = performance.now();
    try {
      const answer = await socket.answer();
      expect(answer?.status).to.equal(408);
      expect(JSON.parse(answer?.body ?? '').error.code).to.equal('timeout');
      expect(performance.now() - start).to.be.at.least(least);
      expect(await socket.closed()).to.equal(true);
    } finally {
      clearInterval(drips);
      socket.destroy();
    }
  }

  it('are cut off if they send nothing', () => cutOff(open(), undefined, 300));

  it('are cut off if their headers come byte by byte', () => {
    const socket = open();
    return cutOff(socket, drip(socket, 'GET /livez HTTP/1.1\r\nHost: localhost\r\nX-A: aaaaaaaaaaaaaaaaaaaaaaaa'), 300);
  });

  it('are cut off if their headers stop', () => cutOff(open().send('GET /livez HTTP/1.1\r\nHost:'), undefined, 300));

  it('are cut off if their body comes byte by byte', () => {
    const socket = open().send(put('Content-Length: 1000\r\n'));
    return cutOff(socket, drip(socket, 'abc'), 500);
  });

  it('are cut off if their chunked body stops', () =>
    cutOff(open().send(`${put('Transfer-Encoding: chunked\r\n')}3\r\nabc\r\n`), undefined, 500));

  it('are cut off at the second request of a connection in the same way', async () => {
    const socket = open().send(GOOD);
    expect((await socket.answer())?.status).to.equal(200);
    await cutOff(socket.send('GET /livez HTTP/1.1\r\nHo'), undefined, 300);
  });

  it('may take long for a large body as long as it keeps coming', async () => {
    const socket = open().send(put('Content-Length: 200000\r\n'));
    for (let i = 0; i < 20; i++) {
      socket.send(Buffer.alloc(10_000));
      await new Promise((resolve) => setTimeout(resolve, 80));
    }
    expect((await socket.answer())?.status).to.be.oneOf([201, 204]);
    socket.destroy();
  });

  it('are not cut off for a time in which the server itself stood still', async () => {
    const [sends, silent] = [open(), open()];
    await new Promise((resolve) => setTimeout(resolve, 20));
    sends.send(GOOD);
    const end = performance.now() + LIMITS.headersTimeout + 200;
    while (performance.now() < end);
    expect((await sends.answer())?.status).to.equal(200);
    sends.destroy();
    await cutOff(silent, undefined, 0);
  });

  it('are disconnected without a response if they are idle', async () => {
    const socket = open().send(GOOD);
    expect((await socket.answer())?.status).to.equal(200);
    expect(await socket.answer()).to.equal(undefined);
    expect(await socket.closed()).to.equal(true);
  });

  it('do not delay others, and get 503 if there are too many connections', async () => {
    const slow = Array.from({ length: 38 }, () => open().send('GET /livez HTTP/1.1\r\nHost:'));
    const good = open().send(GOOD);
    const first = await Promise.race(
      [good, ...slow].map(async (socket) => ({ socket, answer: await socket.answer() })),
    );
    expect(first.socket === good, 'the good one is served before any slow one is cut off').to.equal(true);
    expect(first.answer?.status).to.equal(200);
    const surplus = Array.from({ length: 5 }, () => open().send(GOOD));
    const last = (await Promise.all(surplus.map((socket) => socket.answer()))).at(-1);
    expect(last?.status).to.equal(503);
    expect(last?.head).to.match(/^retry-after: \d+$/im);
    expect(await surplus.at(-1)?.closed()).to.equal(true);
    for (const socket of [...slow, ...surplus, good]) socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await open().send(GOOD).answer())?.status).to.equal(200);
  });
});
