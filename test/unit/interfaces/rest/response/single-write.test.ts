import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect } from 'chai';
import { securityHeaders } from '../../../../../src/interfaces/rest/response/security-headers.js';
import { endInSingleWrite } from '../../../../../src/interfaces/rest/response/single-write.js';

const HEADERS = { ETag: '"abc"', 'Content-Type': 'text/plain; charset=\xfc' };

type Answer = (response: ServerResponse) => void;

/** Everything that a client gets in response to what it sends. */
async function exchanged(sent: string, answer: Answer): Promise<string> {
  const server = createServer({ keepAliveTimeout: 7000 }, (request, response) => {
    request.headers['x-request-id'] = 'id-1';
    answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.write(sent);
  await once(socket, 'data');
  await new Promise((resolve) => setTimeout(resolve, 20));
  socket.destroy();
  server.close();
  server.closeAllConnections();
  return text;
}

function byNode(status: number, body: string | undefined): Answer {
  return (response) => {
    const length = status === 204 ? [] : ['Content-Length', String(Buffer.byteLength(body ?? ''))];
    const own = Object.entries(HEADERS).flat();
    response
      .writeHead(status, [...securityHeaders, 'X-Request-Id', 'id-1', ...own, ...length])
      .end(body === undefined ? undefined : Buffer.from(body));
  };
}

/** The parts of a response, with its headers sorted. */
function partsOf(answer: string) {
  const [head = '', body] = answer.replace(/Date: .{29}/, 'Date: now').split('\r\n\r\n');
  const [first, ...lines] = head.split('\r\n');
  return { first, lines: lines.sort(), body };
}

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

describe('endInSingleWrite', () => {
  for (const [status, body] of [
    [200, 'value'],
    [200, 'Grüße'],
    [200, ''],
    [204, undefined],
  ] as const) {
    it(`sends what node would send: ${status} with ${JSON.stringify(body)}`, async () => {
      let ended = false;
      const ours = await exchanged(GET, (response) => {
        ended = endInSingleWrite(response, status, HEADERS, body);
      });
      expect(ended).to.equal(true);
      expect(partsOf(ours)).to.deep.equal(partsOf(await exchanged(GET, byNode(status, body))));
    });
  }

  it('keeps the connection for the next request', async () => {
    const answers = await exchanged(GET + GET, (response) => endInSingleWrite(response, 200, HEADERS, 'value'));
    expect(answers.match(/HTTP\/1\.1 200 OK/g)).to.have.length(2);
  });

  const left: readonly (readonly [what: string, request: string, answer: Answer, headers?: Record<string, string>])[] =
    [
      ['on a connection that ends', 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', () => undefined],
      ['to HTTP/1.0', 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n', () => undefined],
      ['to HEAD', 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n', () => undefined],
      ['with a header set before', GET, (response) => response.setHeader('Vary', 'Origin')],
      ['with a line break in a header', GET, () => undefined, { ETag: 'a\r\nEvil: 1' }],
      ['with what is no latin letter in a header', GET, () => undefined, { ETag: '\u0100' }],
    ];
  for (const [what, request, prepare, headers = HEADERS] of left) {
    it(`leaves the response to node ${what}`, async () => {
      let ended = true;
      await exchanged(request, (response) => {
        prepare(response);
        ended = endInSingleWrite(response, 200, headers, 'value');
        expect(response.headersSent).to.equal(false);
        response.end('by node');
      });
      expect(ended).to.equal(false);
    });
  }
});
