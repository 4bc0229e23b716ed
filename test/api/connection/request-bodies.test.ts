import { expect } from 'chai';
import { RawSocket } from '../../harness/raw-socket.js';
import { TestServer } from '../../harness/test-server.js';

describe('A request body', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  const open = () => new RawSocket(server.address);
  const put = (headers: string) =>
    `PUT /api/v1/projects/first_project/values/raw HTTP/1.1\r\n` +
    `Host: h\r\nX-API-Key: ${server.projectKey}\r\n${headers}\r\n`;

  it('that is too large is refused while the client still sends it, and the client can read why', async () => {
    const socket = open().send(put('Content-Length: 17000000\r\n'));
    for (let i = 0; i < 16; i++) socket.send(Buffer.alloc(1_000_000));
    const answer = await socket.answer();
    expect(answer?.status).to.equal(413);
    expect(JSON.parse(answer?.body ?? '').error).to.include({ code: 'too_large', limit_bytes: 16 * 1024 * 1024 });
    expect(await socket.closed()).to.equal(true);
  });

  it('in chunks is refused as soon as it gets too large', async () => {
    const socket = open().send(put('Transfer-Encoding: chunked\r\n'));
    for (let i = 0; i < 17; i++) socket.send('100000\r\n').send(Buffer.alloc(0x100000)).send('\r\n');
    expect((await socket.answer())?.status).to.equal(413);
    expect(await socket.closed()).to.equal(true);
  });

  it('is asked for with 100 only if it will be read', async () => {
    const good = open().send(put('Expect: 100-continue\r\nContent-Length: 2\r\n'));
    expect((await good.answer())?.status).to.equal(100);
    expect((await good.send('ok').answer())?.status).to.be.oneOf([201, 204]);
    const foreign = open().send(
      put('Expect: 100-continue\r\nContent-Length: 2\r\n').replace('X-API-Key: ', 'X-API-Key: no'),
    );
    expect((await foreign.answer())?.status).to.equal(401);
    for (const socket of [good, foreign]) socket.destroy();
  });

  it('may come in chunks, whose extensions are ignored', async () => {
    const socket = open().send(`${put('Transfer-Encoding: chunked\r\n')}3;a=b\r\nabc\r\n0\r\n\r\n`);
    expect((await socket.answer())?.status).to.be.oneOf([201, 204]);
    socket.destroy();
    expect((await server.call('GET', 'first_project/values/raw', { key: server.projectKey })).text).to.equal('abc');
  });
});
