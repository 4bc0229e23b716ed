import { expect } from 'chai';
import { RawSocket } from '../../harness/raw-socket.js';
import { TestServer } from '../../harness/test-server.js';

const GOOD = 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n';

describe('Pipelined requests', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  const open = () => new RawSocket(server.address);

  it('each see what the one before them wrote', async () => {
    const at = (method: string, more = '\r\n') =>
      `${method} /api/v1/projects/first_project/values/piped HTTP/1.1\r\n` +
      `Host: h\r\nX-API-Key: ${server.projectKey}\r\n${more}`;
    const written = (digit: number) => `${at('PUT', 'Content-Length: 1\r\n\r\n')}${digit}${at('GET')}`;
    const socket = open().send(`${written(1)}${written(2)}${at('DELETE')}${at('GET')}`);
    const seen: (string | undefined)[] = [];
    for (let i = 0; i < 6; i++) {
      const answer = await socket.answer();
      seen.push(answer?.status === 200 ? answer.body : String(answer?.status));
    }
    expect(seen).to.deep.equal(['201', '1', '204', '2', '204', '404']);
    socket.destroy();
  });

  it('are served as fast as they are read: none waits for a turn of the event loop of its own', async () => {
    const path = '/api/v1/projects/first_project/values/often';
    await server.call('PUT', 'first_project/values/often', { key: server.projectKey, body: 'x' });
    const get = `GET ${path} HTTP/1.1\r\nHost: h\r\nX-API-Key: ${server.projectKey}\r\n\r\n`;
    const socket = open().send(get.repeat(2_000));
    let [answered, turns] = [0, 0];
    const count = () => {
      turns++;
      if (answered < 2_000) setImmediate(count);
    };
    setImmediate(count);
    for (; answered < 2_000; answered++) expect((await socket.answer())?.status).to.equal(200);
    expect(turns).to.be.below(1_000);
    socket.destroy();
  });

  it('are answered in their order, and garbage that follows them last', async () => {
    const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: h\r\nX-API-Key: ${server.projectKey}\r\n\r\n`;
    const socket = open().send(
      `${GOOD}${get('/api/v1/projects/first_project/store')}${get('/nothing')}${GOOD}rubbish\r\n\r\n`,
    );
    const statuses: (number | undefined)[] = [];
    for (let i = 0; i < 1; i++) statuses.push((await socket.answer())?.status);
    expect(statuses).to.deep.equal([200]);
    expect(await socket.closed()).to.equal(true);
    const second = open().send(`${GOOD}${get('/nothing')}${GOOD}rubbish\r\n\r\n`);
    for (let i = 0; i < 5; i++) statuses.push((await second.answer())?.status);
    expect(statuses.slice(1)).to.deep.equal([200, 404, 200, 400, undefined]);
  });
});
