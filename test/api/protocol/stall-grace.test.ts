import { expect } from 'chai';
import { RawSocket } from '../../harness/raw-socket.js';
import { TestServer } from '../../harness/test-server.js';

const GOOD = 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n';
/** A tenth and less of what a server has, in ms. */
const LIMITS = { headersTimeout: 400, bodyTimeout: 600, keepAliveTimeout: 500, checkInterval: 50 };

describe('The server and clients that are late or too many', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start(undefined, { ...LIMITS, maxConnections: 40 });
  });
  after(() => server.stop());

  const open = () => new RawSocket(server.address);
  const put = (headers: string) =>
    `PUT /api/v1/projects/first_project/values/late HTTP/1.1\r\nHost: h\r\nX-API-Key: ${server.projectKey}\r\n${headers}\r\n`;

  /** Sends a byte of `rest` every 50 ms. */
  function drip(socket: RawSocket, rest: string): NodeJS.Timeout {
    let sent = 0;
    return setInterval(() => socket.send(rest[sent++ % rest.length] ?? ''), 50);
  }

  async function cutOff(socket: RawSocket, drips: NodeJS.Timeout | undefined, from: number, to: number): Promise<void> {
    const start = performance.now();
    try {
      const answer = await socket.answer();
      expect(answer?.status).to.equal(408);
      expect(JSON.parse(answer?.body ?? '').error.code).to.equal('timeout');
      expect(performance.now() - start).to.be.within(from, to);
      expect(await socket.closed()).to.equal(true);
    } finally {
      clearInterval(drips);
      socket.destroy();
    }
  }

  it('cuts off a socket that says nothing', () => cutOff(open(), undefined, 300, 1000));

  it('cuts off a header that comes byte by byte', () => {
    const socket = open();
    return cutOff(
      socket,
      drip(socket, 'GET /livez HTTP/1.1\r\nHost: localhost\r\nX-A: aaaaaaaaaaaaaaaaaaaaaaaa'),
      300,
      1000,
    );
  });

  it('cuts off a header that stops', () => cutOff(open().send('GET /livez HTTP/1.1\r\nHost:'), undefined, 300, 1000));

  it('cuts off a body that comes byte by byte', () => {
    const socket = open().send(put('Content-Length: 1000\r\n'));
    return cutOff(socket, drip(socket, 'abc'), 500, 1200);
  });

  it('cuts off a chunked body that stops', () =>
    cutOff(open().send(`${put('Transfer-Encoding: chunked\r\n')}3\r\nabc\r\n`), undefined, 500, 1200));

  it('cuts off the second request of a connection just so', async () => {
    const socket = open().send(GOOD);
    expect((await socket.answer())?.status).to.equal(200);
    await cutOff(socket.send('GET /livez HTTP/1.1\r\nHo'), undefined, 300, 1000);
  });

  it('lets a large body take its time as long as it comes', async () => {
    const socket = open().send(put('Content-Length: 200000\r\n'));
    for (let i = 0; i < 20; i++) {
      socket.send(Buffer.alloc(10_000));
      await new Promise((resolve) => setTimeout(resolve, 80));
    }
    expect((await socket.answer())?.status).to.be.oneOf([201, 204]);
    socket.destroy();
  });

  it('holds nothing against a client while the server itself stood still', async () => {
    const [sends, silent] = [open(), open()];
    await new Promise((resolve) => setTimeout(resolve, 20));
    sends.send(GOOD);
    const end = performance.now() + LIMITS.headersTimeout + 200;
    while (performance.now() < end);
    expect((await sends.answer())?.status).to.equal(200);
    sends.destroy();
    await cutOff(silent, undefined, 0, 1000);
  });

  it('closes an idle connection without a word', async () => {
    const socket = open().send(GOOD);
    expect((await socket.answer())?.status).to.equal(200);
    expect(await socket.answer()).to.equal(undefined);
    expect(await socket.closed()).to.equal(true);
  });

  it('serves others at once while many sockets are slow, and tells those for whom there is no room', async () => {
    const slow = Array.from({ length: 38 }, () => open().send('GET /livez HTTP/1.1\r\nHost:'));
    const start = performance.now();
    const good = open().send(GOOD);
    expect((await good.answer())?.status).to.equal(200);
    expect(performance.now() - start).to.be.below(200);
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
