import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { AppError } from '../../../src/domain/errors.js';
import { expressApp } from '../../../src/interfaces/rest/express-app.js';
import { consoleRouter } from '../../../src/interfaces/rest/pages/console-page.js';
import { restError } from '../../../src/interfaces/rest/response/http-words.js';
import { envelopeError, writeError } from '../../../src/interfaces/rest/response/write-response.js';
import { send } from '../../harness/http-client.js';
import { TestServer } from '../../harness/test-server.js';

const SCRIPT = `export const text = '${'x'.repeat(2_000)}';\n`;
const INDEX =
  '<!doctype html><html><head><title>Console</title></head>' +
  '<body><script type="module" src="./assets/index-1a2b.js"></script></body></html>';
const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('The console at /console', () => {
  let folder: string;
  let app: Server;
  let address: string;
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${address}${path}`, { method, headers: { 'x-request-id': 'test', ...headers }, redirect: 'manual' });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portkv-'));
    await mkdir(join(folder, 'assets'));
    await writeFile(join(folder, 'index.html'), INDEX);
    await writeFile(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    await writeFile(join(folder, '.secret'), 'secret');
    await writeFile(join(folder, 'assets/index-1a2b.js'), SCRIPT);
    const refuse = (error: unknown, request: IncomingMessage, response: ServerResponse) =>
      writeError(restError(error as AppError), request, response, envelopeError('null'));
    const pages = { '/console': consoleRouter(() => true, folder) };
    app = createServer(expressApp(new Map(), { serve: () => undefined, refuse }, pages)).listen(0, '127.0.0.1');
    await new Promise((done) => app.once('listening', done));
    address = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
  });
  after(async () => {
    app.close();
    await rm(folder, { recursive: true });
  });

  it('is one page for the addresses of all views, and finds its files from each of them', async () => {
    for (const path of [
      '/console/',
      '/console/index.html',
      '/console/projects/a',
      '/console/p/a/k/b%2Fc',
      '/console/p/',
    ]) {
      const answer = await get(path);
      expect([answer.status, answer.headers.get('content-type')], path).to.deep.equal([
        200,
        'text/html; charset=utf-8',
      ]);
      const base = /<head>\n<base href="([./]+)">/.exec(await answer.text())?.[1] ?? '';
      for (const prefix of ['', '/kv', '/a/b']) {
        const root = new URL(base, `http://host${prefix}${path}`);
        expect(root.pathname, path).to.equal(`${prefix}/console/`);
      }
    }
  });

  it('leads from /console to /console/ without an absolute path, because a proxy may add a prefix', async () => {
    expect((await get('/console')).headers.get('location')).to.equal('console/');
    expect((await get('/console?view=a')).headers.get('location')).to.equal('console/?view=a');
  });

  it('runs only its own scripts, and is asked for again each time', async () => {
    const page = await get('/console/');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).to.match(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(policy)
      .to.match(/frame-ancestors 'none'$/)
      .and.not.match(/unsafe|https?:|\*/);
    const [etag, deeper] = [page, await get('/console/a/b')].map(({ headers }) => headers.get('etag') ?? '');
    expect([page.headers.get('cache-control'), etag === deeper]).to.deep.equal(['no-cache', false]);
    const headers = { 'x-request-id': 'test', 'if-none-match': etag as string };
    expect((await send(address, 'GET', '/console/', { headers })).status).to.equal(304);
    expect((await send(address, 'GET', '/console/a/b', { headers })).status).to.equal(200);
  });

  it('lets browsers keep files with a hash in their names for good, and asks about the others', async () => {
    const script = await get('/console/assets/index-1a2b.js');
    expect(script.headers.get('cache-control')).to.equal('public, max-age=31536000, immutable');
    expect(script.headers.get('content-type')).to.match(/javascript/);
    const icon = await get('/console/favicon.svg', { 'accept-encoding': 'identity' });
    expect([icon.headers.get('cache-control'), icon.headers.get('content-type')]).to.deep.equal([
      'no-cache',
      'image/svg+xml',
    ]);
    const tag = icon.headers.get('etag') ?? '';
    const ask = () =>
      send(address, 'GET', '/console/favicon.svg', { headers: { 'x-request-id': 'test', 'if-none-match': tag } });
    const again = await ask();
    expect(again.status).to.equal(304);
    await writeFile(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>');
    const changed = await ask();
    expect([changed.status, changed.text]).to.deep.equal([200, '<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>']);
  });

  it('is sent compressed', async () => {
    for (const encoding of ['br', 'gzip']) {
      const headers = { 'accept-encoding': encoding };
      const answer = await get('/console/assets/index-1a2b.js', headers);
      expect([answer.headers.get('content-encoding'), answer.headers.get('vary')]).to.deep.equal([
        encoding,
        'Accept-Encoding',
      ]);
      expect(Number(answer.headers.get('content-length'))).to.be.below(200);
      expect(await answer.text()).to.equal(SCRIPT);
      const head = await get('/console/assets/index-1a2b.js', headers, 'HEAD');
      for (const name of ['etag', 'content-length', 'cache-control']) {
        expect(head.headers.get(name), name).to.equal(answer.headers.get(name));
      }
    }
  });

  it('has no other file', async () => {
    for (const path of ['/console/assets/nothing.js', '/console/assets/', '/console/assets/..%2findex.html']) {
      expect((await get(path)).status, path).to.equal(404);
    }
    for (const path of ['/console/.secret', '/console/..%2f..%2fpackage.json', '/console/%5c..%5cpackage.json']) {
      const answer = await send(address, 'GET', path, { headers: { 'x-request-id': 'test' } });
      expect([answer.status, answer.text.startsWith('<!doctype html>')], path).to.deep.equal([200, true]);
    }
    expect((await get('/console/%ff')).status).to.equal(400);
    const refused = await get('/console/', {}, 'POST');
    expect([refused.status, refused.headers.get('allow')]).to.deep.equal([405, 'GET, HEAD, OPTIONS']);
  });

  describe('of a server', () => {
    let server: TestServer;
    before(async () => {
      server = await TestServer.start();
    });
    after(() => server.stop());
    const rootOf = async (headers: Record<string, string>) =>
      (await server.call('GET', '/', { headers })).headers.get('location');

    it('is where the root leads browsers, and the documentation where it leads others', async () => {
      expect([await rootOf(BROWSER), await rootOf({ accept: '*/*' })]).to.deep.equal(['console/', 'docs']);
      expect((await server.call('GET', '/', { headers: BROWSER })).headers.get('vary')).to.equal('Accept');
    });

    it('needs no key', async () => {
      const { status, json } = await server.call('GET', '/console/');
      if (status !== 200) expect(json.message).to.match(/npm run build/);
    });

    it('is off if it is configured so: responses name the setting, and the root leads elsewhere', async () => {
      await server.configure({ console: { enabled: false } });
      for (const path of ['/console', '/console/', '/console/projects/a', '/console/assets/index.js']) {
        const { status, json } = await server.call('GET', path, { headers: BROWSER });
        expect([status, json.message], path).to.deep.equal([
          404,
          'The console is off: "system": {"console": {"enabled": true}} in config.json turns it on',
        ]);
      }
      expect(await rootOf(BROWSER)).to.equal('docs');
    });
  });
});
