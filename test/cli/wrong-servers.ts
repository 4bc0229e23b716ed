import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { canCertify, certify } from '../harness/certificate.js';

/** What is at an address instead of a server of PortKV, and what the line must name. */
export interface WrongServer {
  readonly what: string;
  readonly url: string;
  readonly named: RegExp;
  close(): void;
}

const HTML = '<html><body>Bad gateway</body></html>';
const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Answers of other programs, by what they are. */
const ANSWERS: readonly (readonly [what: string, named: RegExp, answer: RequestListener])[] = [
  [
    'a page of a proxy',
    /status 200, text\/html/,
    (_, answer) => reply(answer, 200, { 'Content-Type': 'text/html' }, HTML),
  ],
  ['an error of a proxy', /status 502/, (_, answer) => reply(answer, 502, { 'Content-Type': 'text/html' }, HTML)],
  ['JSON of another program', /status 200/, (_, answer) => reply(answer, 200, JSON_TYPE, '{"hello":1}')],
  ['a list of another program', /status 200/, (_, answer) => reply(answer, 200, JSON_TYPE, '[]')],
  ['an error of another program', /status 500/, (_, answer) => reply(answer, 500, JSON_TYPE, '{"error":"x"}')],
  [
    'a redirect',
    /https:\/\/elsewhere\.example|status 302/,
    (_, answer) => reply(answer, 302, { Location: 'https://elsewhere.example/' }, ''),
  ],
  [
    'a body that is cut off',
    /broke off|aborted|not well/,
    (_, answer) => {
      answer.writeHead(200, { ...JSON_TYPE, 'Content-Length': 1000 });
      answer.write('{"data":', () => answer.destroy());
    },
  ],
  ['no answer', /cannot be reached|does not respond/, (_, answer) => answer.destroy()],
];

/** Starts all of them; a certificate is made in the folder. */
export async function startWrongServers(folder: string): Promise<readonly WrongServer[]> {
  const servers = ANSWERS.map(async ([what, named, answer]) => serve(what, named, createHttpServer(consuming(answer))));
  const ssh = createServer((socket) => socket.on('error', () => undefined).end('SSH-2.0-OpenSSH_9.6\r\n'));
  const closed = await serve('nothing', /cannot be reached|does not respond/, createServer());
  closed.close();
  return [
    closed,
    ...(await Promise.all(servers)),
    await serve('a server that does not speak HTTP', /HTTP|does not respond/, ssh),
    ...(canCertify() ? [await unknownCertificate(folder), await withTls(folder)] : []),
  ];
}

async function unknownCertificate(folder: string): Promise<WrongServer> {
  return serve('a certificate that is unknown', /NODE_EXTRA_CA_CERTS/, await tlsServer(folder), 'https');
}

async function withTls(folder: string): Promise<WrongServer> {
  return serve('a server with TLS, asked without', /begins with https:|does not respond/, await tlsServer(folder));
}

async function tlsServer(folder: string): Promise<Server> {
  certify(folder, 'localhost');
  const [key, cert] = await Promise.all(['key', 'crt'].map((type) => readFile(join(folder, `localhost.${type}`))));
  return createHttpsServer({ key, cert } as ServerOptions, (_, answer) => answer.end('{}'));
}

async function serve(what: string, named: RegExp, server: Server | HttpServer, scheme = 'http'): Promise<WrongServer> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { what, url, named, close: () => server.close() };
}

/** Reads the body of a request before the answer, so that the client sees that and not a reset. */
function consuming(answer: RequestListener): RequestListener {
  return (request, response) => {
    request
      .on('error', () => undefined)
      .resume()
      .on('end', () => answer(request, response));
  };
}

function reply(answer: Parameters<RequestListener>[1], status: number, headers: Record<string, string>, body: string) {
  answer.writeHead(status, headers).end(body);
}
