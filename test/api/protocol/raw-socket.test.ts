import { METHODS } from 'node:http';
import { expect } from 'chai';
import { type RawResponse, RawSocket } from '../../harness/raw-socket.js';
import { TestServer } from '../../harness/test-server.js';
import { type BadInput, badInputs } from './bad-input.js';

const GOOD = 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n';

describe('The server on a raw socket', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  const open = () => new RawSocket(server.address);
  const put = (headers: string) =>
    `PUT /api/v1/projects/first_project/values/raw HTTP/1.1\r\nHost: h\r\nX-API-Key: ${server.projectKey}\r\n${headers}\r\n`;

  it('refuses every bad input with its status and the envelope, closes where it must, and serves the next request', async () => {
    const inputs = badInputs(server.projectKey, server.systemKey);
    expect(inputs.length).to.be.at.least(150);
    const wrong: string[] = [];
    for (let i = 0; i < inputs.length; i += 20) {
      const group = inputs.slice(i, i + 20).map(async (input) => {
        const problem = await problemWith(input, open());
        if (problem !== undefined) wrong.push(`${input.name}: ${problem}`);
      });
      await Promise.all(group);
      expect((await open().send(GOOD).answer())?.status).to.equal(200);
    }
    expect(wrong).to.deep.equal([]);
  });

  it('lets a client read why its body is too large while it still sends', async () => {
    const socket = open().send(put('Content-Length: 17000000\r\n'));
    for (let i = 0; i < 16; i++) socket.send(Buffer.alloc(1_000_000));
    const answer = await socket.answer();
    expect(answer?.status).to.equal(413);
    expect(JSON.parse(answer?.body ?? '').error).to.include({ code: 'too_large', limit_bytes: 16 * 1024 * 1024 });
    expect(await socket.closed()).to.equal(true);
  });

  it('stops to read a chunked body when it gets too large', async () => {
    const socket = open().send(put('Transfer-Encoding: chunked\r\n'));
    for (let i = 0; i < 17; i++) socket.send('100000\r\n').send(Buffer.alloc(0x100000)).send('\r\n');
    expect((await socket.answer())?.status).to.equal(413);
    expect(await socket.closed()).to.equal(true);
  });

  it('gives leave to send a body only where it will read it', async () => {
    const good = open().send(put('Expect: 100-continue\r\nContent-Length: 2\r\n'));
    expect((await good.answer())?.status).to.equal(100);
    expect((await good.send('ok').answer())?.status).to.be.oneOf([201, 204]);
    const foreign = open().send(
      put('Expect: 100-continue\r\nContent-Length: 2\r\n').replace('X-API-Key: ', 'X-API-Key: no'),
    );
    expect((await foreign.answer())?.status).to.equal(401);
    for (const socket of [good, foreign]) socket.destroy();
  });

  it('takes chunked bodies, and leaves out what comes behind a semicolon', async () => {
    const socket = open().send(`${put('Transfer-Encoding: chunked\r\n')}3;a=b\r\nabc\r\n0\r\n\r\n`);
    expect((await socket.answer())?.status).to.be.oneOf([201, 204]);
    socket.destroy();
    expect((await server.call('GET', 'first_project/values/raw', { key: server.projectKey })).text).to.equal('abc');
  });

  it('shows a pipelined request what the one before it wrote', async () => {
    const at = (method: string, more = '\r\n') =>
      `${method} /api/v1/projects/first_project/values/piped HTTP/1.1\r\nHost: h\r\nX-API-Key: ${server.projectKey}\r\n${more}`;
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

  it('answers pipelined requests in their order, and garbage behind them after them', async () => {
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

  it('answers HEAD wherever it answers GET, with the same headers and no body', async () => {
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
      const [short, whole] = [await head.answer(3000, true), await get.answer()];
      expect(short?.status, path).to.equal(200);
      expect(headersOf(short), path).to.deep.equal(headersOf(whole));
      expect((await head.send(GOOD).answer())?.body, path).to.equal('ok\n');
      for (const socket of [head, get]) socket.destroy();
    }
  });

  it('answers OPTIONS with what is possible, on every path that there is', async () => {
    for (const [path, allow] of [
      ['/livez', 'GET, HEAD, OPTIONS'],
      ['/api/v1/projects', 'GET, HEAD, POST, OPTIONS'],
      ['/api/v1/projects/nothing/values/k', 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS'],
      ['/api/v1/projects/first_project/transactions', 'POST, OPTIONS'],
    ] as const) {
      const { status, headers } = await server.call('OPTIONS', path);
      expect({ status, allow: headers.get('allow') }, path).to.deep.equal({ status: 204, allow });
    }
    const { headers } = await server.call('OPTIONS', '/api/v1/projects/nothing/store/k');
    expect(headers.get('accept-patch')).to.equal('application/merge-patch+json');
    expect((await server.call('OPTIONS', '/nothing')).status).to.equal(404);
  });

  it('answers OPTIONS about the whole server with what is possible somewhere', async () => {
    const socket = open().send('OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n');
    const answer = await socket.answer(3000, true);
    expect(answer?.status).to.equal(204);
    expect(answer?.head).to.match(/^allow: GET, HEAD, (?=.*POST)(?=.*PUT)(?=.*PATCH)(?=.*DELETE)[A-Z, ]+OPTIONS\r?$/im);
    expect((await socket.send(GOOD).answer())?.body).to.equal('ok\n');
    socket.destroy();
  });

  it('answers every method that node knows and a path does not have with those that it has', async () => {
    for (const method of METHODS.filter((one) => !['GET', 'HEAD', 'OPTIONS', 'CONNECT'].includes(one))) {
      for (const path of ['/livez', '/docs']) {
        const answer = await open().send(`${method} ${path} HTTP/1.1\r\nHost: h\r\n\r\n`).answer();
        expect(answer?.status, method).to.equal(405);
        expect(answer?.head, method).to.match(/^allow: GET, HEAD, OPTIONS\r?$/im);
      }
    }
  });

  it('speaks HTTP/1.0 to those who do, and closes', async () => {
    const socket = open().send('GET /livez HTTP/1.0\r\n\r\n');
    expect((await socket.answer())?.status).to.equal(200);
    expect(await socket.closed()).to.equal(true);
    const streamed = open().send(
      `GET /api/v1/projects/first_project/store HTTP/1.0\r\nX-API-Key: ${server.projectKey}\r\n\r\n`,
    );
    expect(await streamed.closed()).to.equal(true);
    expect(JSON.parse((await streamed.answer())?.body ?? '').status_code).to.equal(200);
  });

  it('does not change protocols', async () => {
    for (const protocol of ['websocket', 'h2c', 'TLS/1.0']) {
      const socket = open().send(GOOD.replace('\r\n\r\n', `\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`));
      expect((await socket.answer())?.status, protocol).to.equal(200);
      socket.destroy();
    }
  });

  it('survives clients that leave in the middle', async () => {
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

async function problemWith({ bytes, status, closes }: BadInput, socket: RawSocket): Promise<string | undefined> {
  try {
    const answer = await socket.send(bytes).answer();
    if (answer === undefined) return 'no answer';
    if (answer.status !== status) return `${answer.status} instead of ${status}: ${answer.body.slice(0, 200)}`;
    const flaw = flawOf(answer);
    if (flaw !== undefined) return flaw;
    if (closes) return (await socket.closed()) ? undefined : 'the connection stays open';
    if (/^connection: close$/im.test(answer.head)) return undefined;
    return (await socket.send(GOOD).answer())?.status === 200 ? undefined : 'the next request is not served';
  } finally {
    socket.destroy();
  }
}

/** What an answer shows that it must not, or lacks. */
function flawOf({ head, body, status }: RawResponse): string | undefined {
  if (!/^x-request-id: \S+$/im.test(head)) return 'no request id';
  if (!/^x-content-type-options: nosniff$/im.test(head)) return 'no nosniff';
  if (/<|\bat .*:\d+:\d+|node_modules|\.js\b/.test(body.replace('<script>alert(1)</script>', '')))
    return `shows its inside: ${body}`;
  const envelope = JSON.parse(body) as { status_code: number; error: { code: string } };
  return envelope.status_code === status && envelope.error.code !== '' ? undefined : `no envelope: ${body}`;
}

function headersOf(answer: RawResponse | undefined): string[] {
  const lines = answer?.head.split('\r\n') ?? [];
  return lines.filter((line) => !/^(x-request-id|date|vary|connection|keep-alive):/i.test(line)).sort();
}
