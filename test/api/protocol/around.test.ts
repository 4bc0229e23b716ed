import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { send } from '../../harness/http-client.js';
import { TestServer } from '../../harness/test-server.js';

const PAGE = 'https://page.example';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('Around every request', () => {
  let server: TestServer;
  let key: string;
  before(async () => {
    server = await TestServer.start();
    key = server.projectKey;
    for (let i = 0; i < 30; i++) {
      await server.call('PUT', `first_project/values/k${i}`, { key, body: 'v'.repeat(100) });
    }
    await server.call('PUT', 'first_project/values/large', { key, body: 'v'.repeat(5000) });
  });
  after(() => server.stop());

  describe('X-Request-Id', () => {
    it('is kept where it is sane, and else made, another for every request', async () => {
      const idOf = async (sent?: string) => {
        const headers: Record<string, string> = sent === undefined ? {} : { 'x-request-id': sent };
        return (await server.call('GET', '/nothing', { headers })).headers.get('x-request-id');
      };
      for (const sane of ['a', 'abc-123_X.y:z', 'x'.repeat(64)]) expect(await idOf(sane)).to.equal(sane);
      const made = [await idOf(), await idOf(), await idOf('a b'), await idOf('x'.repeat(65)), await idOf('<script>')];
      for (const id of made) expect(id).to.match(/^[\w-]{8,20}$/);
      expect(new Set(made).size).to.equal(5);
    });
  });

  it('keeps browsers from running or sniffing anything, on every answer', async () => {
    for (const path of ['first_project/values/k1', 'first_project/store?limit=2', '/livez', '/nothing', '/metrics']) {
      const { headers } = await server.call('GET', path, { key });
      expect(headers.get('content-security-policy'), path).to.equal('sandbox');
      expect(headers.get('x-content-type-options'), path).to.equal('nosniff');
      expect(headers.get('x-powered-by'), path).to.equal(null);
    }
    const { headers } = await server.call('GET', '/nothing');
    expect(headers.get('x-frame-options')).to.equal('SAMEORIGIN');
    expect(headers.get('referrer-policy')).to.equal('no-referrer');
  });

  it('refuses an id that no project can have, on every route', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/config/regenerate-api-key'],
      ['POST', '/encryption/rotate'],
      ['GET', '/store/k'],
    ] as const) {
      for (const id of ['a%20b', 'a.b', '%2e%2e%2fx', 'x'.repeat(65)]) {
        const { status, json } = await server.call(method, `${id}${path}`, { key: server.systemKey });
        expect([status, json.error.code], `${method} ${id}${path}`).to.deep.equal([400, 'invalid']);
      }
    }
  });

  it('matches Accept by type, whatever its case, and obeys q', async () => {
    const problem = async (accept: string) => {
      const { headers } = await server.call('GET', '/nothing', { headers: { accept } });
      return headers.get('content-type') === 'application/problem+json';
    };
    for (const accept of [
      'application/problem+json',
      'APPLICATION/Problem+JSON',
      'text/html, application/problem+json; charset=utf-8; q=0.1',
    ]) {
      expect(await problem(accept), accept).to.equal(true);
    }
    for (const accept of [
      '*/*',
      'application/json',
      'application/problem+json;q=0',
      'application/problem+json; Q=0.000, */*',
      'application/problem+jsonx',
    ]) {
      expect(await problem(accept), accept).to.equal(false);
    }
    const feed = async (accept: string) => {
      const { headers } = await send(server.address, 'HEAD', '/api/v1/projects/first_project/changes?wait=0', {
        headers: { accept, 'x-api-key': key },
      });
      return headers['content-type'];
    };
    expect(await feed('Text/Event-Stream')).to.equal('text/event-stream');
    expect(await feed('text/event-stream;q=0')).to.equal('application/json');
  });

  it('names the first mistake of a body', async () => {
    const system = { key: server.systemKey };
    const wrong = { storage: { engine: 'memory' }, limits: { max_keys: -1, max_value_bytes: 'x' } };
    const ask = async (method: string, path: string, body: string) =>
      (await server.call(method, path, { ...system, body })).json.error;
    expect((await ask('PUT', 'first_project', '{"limits":{"max_keys":-1}}')).path).to.equal('limits.max_keys');
    const made = await ask('POST', '/api/v1/projects', JSON.stringify({ id: 'wrong', ...wrong }));
    expect(made.path).to.equal(made.errors[0].path);
    expect((await ask('POST', '/api/v1/projects', '{"id":1}')).path).to.equal('id');
    const deep = `${'['.repeat(65)}${']'.repeat(65)}`;
    expect((await ask('PUT', 'first_project', deep)).path).to.equal('body');
    expect((await ask('POST', 'first_project/api-keys', deep)).path).to.equal('body');
  });

  describe('compression', () => {
    // fetch takes the encoding off again, but leaves the header.
    const get = (path: string, encoding: string) =>
      server.call('GET', path, { key, headers: { 'accept-encoding': encoding } });

    it('is used for pages of a list, as the client prefers', async () => {
      const path = 'first_project/store?limit=20';
      for (const [accepted, used] of [
        ['gzip', 'gzip'],
        ['br', 'br'],
        ['gzip, deflate, br', 'br'],
        ['br;q=0.5, gzip;q=0.9', 'gzip'],
        ['br;q=0, gzip', 'gzip'],
        ['GZIP', 'gzip'],
        ['*', 'br'],
        ['identity', null],
        ['gzip;q=0', null],
        ['deflate', null],
      ] as const) {
        const { headers, json } = await get(path, accepted);
        expect(headers.get('content-encoding'), accepted).to.equal(used);
        expect(headers.get('vary'), accepted).to.equal('Accept-Encoding');
        expect(Object.keys(json.data.items)).to.have.length(20);
      }
    });

    it('is right on the wire', async () => {
      const whole = await get('first_project/store?limit=20', 'identity');
      const { gzip, brotli } = { gzip: await bytes('gzip'), brotli: await bytes('br') };
      expect(gunzipSync(gzip).toString()).to.equal(whole.text);
      expect(brotliDecompressSync(brotli).toString()).to.equal(whole.text);
    });

    async function bytes(encoding: string): Promise<Buffer> {
      const { request } = await import('node:http');
      const url = `${server.address}/api/v1/projects/first_project/store?limit=20`;
      return new Promise((resolve, reject) => {
        const sent = request(url, { headers: { 'x-api-key': key, 'accept-encoding': encoding } }, async (response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk as Buffer);
          const body = Buffer.concat(chunks);
          expect(Number(response.headers['content-length'])).to.equal(body.length);
          resolve(body);
        });
        sent.on('error', reject);
        sent.end();
      });
    }

    it('is used for lists of keys and snapshots, transactions, forms, and the pages below /docs', async () => {
      await promisify(execFile)(process.execPath, ['scripts/copy-docs.js']);
      const space = await server.project('many');
      for (let i = 0; i < 8; i++) {
        const body = JSON.stringify({ name: `key ${i} ${'n'.repeat(50)}`, scopes: ['read'] });
        expect((await server.call('POST', 'many/api-keys', { key: space, body })).status).to.equal(201);
        expect((await server.call('POST', 'many/snapshots', { key: space })).status).to.equal(201);
      }
      const operations = Array.from({ length: 60 }, (_, i) => ({ put: { key: `k${i}`, text: '' } }));
      const body = JSON.stringify({ operations });
      const form = operations.map((_, i) => `f${i}=1`).join('&');
      for (const encoding of ['gzip', 'br']) {
        const headers = { 'accept-encoding': encoding };
        for (const answer of [
          await server.call('GET', 'many/api-keys', { key: space, headers }),
          await server.call('GET', 'many/snapshots', { key: space, headers }),
          await server.call('POST', 'many/transactions', { key: space, headers, body }),
          await server.call('POST', 'many/store', { key: space, headers: { ...headers, ...FORM }, body: form }),
        ]) {
          expect([answer.status, answer.headers.get('content-encoding'), answer.json?.status_code]).to.deep.equal([
            200,
            encoding,
            200,
          ]);
        }
        for (const page of ['errors', 'swagger-ui.css', 'swagger-ui-bundle.js']) {
          const whole = await get(`/docs/${page}`, 'identity');
          const packed = await get(`/docs/${page}`, encoding);
          expect(whole.headers.get('content-encoding'), page).to.equal(null);
          expect(packed.headers.get('content-encoding'), page).to.equal(encoding);
          expect(packed.headers.get('content-type'), page).to.equal(whole.headers.get('content-type'));
          expect([whole, packed].map(({ headers }) => headers.get('vary'))).to.deep.equal(
            Array(2).fill('Accept-Encoding'),
          );
          expect(packed.text === whole.text, page).to.equal(true);
          const since = packed.headers.get('last-modified');
          if (since === null) continue;
          const again = { 'accept-encoding': encoding, 'if-modified-since': since };
          expect((await send(server.address, 'GET', `/docs/${page}`, { headers: again })).status, page).to.equal(304);
        }
      }
    });

    it('is used from 1 KiB on, however few characters that are', async () => {
      const space = await server.project('umlauts');
      const list = (encoding: string) =>
        server.call('GET', 'umlauts/store?limit=1', { key: space, headers: { 'accept-encoding': encoding } });
      await server.call('PUT', 'umlauts/values/k', { key: space, body: '' });
      const rest = Buffer.byteLength((await list('identity')).text);
      for (const [bytes, used] of [
        [1024, 'gzip'],
        [1020, null],
      ] as const) {
        const body = 'é'.repeat(Math.floor((bytes - rest) / 2));
        await server.call('PUT', 'umlauts/values/k', { key: space, body });
        const { headers, text } = await list('gzip');
        expect(Buffer.byteLength(text)).to.be.within(bytes - 4, bytes + 4);
        expect(headers.get('content-encoding'), `${bytes}`).to.equal(used);
      }
    });

    it('is never used for a single entry, a stream, what is short, or an error', async () => {
      const paths = [
        'values/large',
        'store/large',
        'store/large/value',
        'store',
        'store?limit=1&prefix=k',
        'store?limit=0',
      ];
      for (const path of paths) {
        expect((await get(`first_project/${path}`, 'gzip, br')).headers.get('content-encoding'), path).to.equal(null);
      }
    });
  });

  describe('other origins', () => {
    const from = (origin: string, path = 'first_project/values/k1', method = 'GET') =>
      server.call(method, path, { key, headers: { origin, 'access-control-request-method': 'PUT' } });

    it('are not let in unless they are configured', async () => {
      for (const method of ['GET', 'OPTIONS']) {
        const { headers } = await from(PAGE, undefined, method);
        expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).to.deep.equal([]);
      }
    });

    it('are let in where the project names them, else where the system does', async () => {
      await server.configure({ cors: { origins: [PAGE] } });
      const own = await server.project('own', { cors: { origins: ['https://other.example'] } });
      const open = await server.project('open', { cors: { origins: ['*'] } });
      expect([own, open]).not.to.include(undefined);
      const allowed = async (origin: string, path: string) =>
        (await from(origin, path)).headers.get('access-control-allow-origin');
      expect(await allowed(PAGE, 'first_project/values/k1')).to.equal(PAGE);
      expect(await allowed(PAGE, '/livez')).to.equal(PAGE);
      expect(await allowed('https://page.example.evil', '/livez')).to.equal(null);
      expect(await allowed('null', '/livez')).to.equal(null);
      expect(await allowed(PAGE, 'own/values/k')).to.equal(null);
      expect(await allowed('https://other.example', 'own/values/k')).to.equal('https://other.example');
      expect(await allowed('https://any.example', 'open/values/k')).to.equal('*');
    });

    it('learn what they may send and see, and errors too', async () => {
      const preflight = await from(PAGE, undefined, 'OPTIONS');
      expect(preflight.status).to.equal(204);
      expect(preflight.headers.get('access-control-allow-methods')).to.equal('GET, HEAD, PUT, PATCH, DELETE, OPTIONS');
      expect(preflight.headers.get('access-control-allow-headers')).to.include('Authorization').and.include('If-Match');
      expect(preflight.headers.get('vary')).to.equal('Origin');
      const answer = await from(PAGE);
      expect(answer.text).to.equal('v'.repeat(100));
      for (const name of ['ETag', 'Link', 'KV-Created', 'KV-Expires', 'Location', 'Retry-After', 'X-Request-Id']) {
        expect(answer.headers.get('access-control-expose-headers')).to.include(name);
      }
      const missing = await from(PAGE, 'first_project/values/nothing');
      expect(missing.status).to.equal(404);
      expect(missing.headers.get('access-control-allow-origin')).to.equal(PAGE);
    });

    it('do not learn which projects there are where that is a secret', async () => {
      await server.configure({ security: { project_discoverable: false } });
      for (const origin of [PAGE, 'https://other.example', 'https://none.example']) {
        const [known, unknown] = [
          await from(origin, 'own/values/k', 'OPTIONS'),
          await from(origin, 'none/values/k', 'OPTIONS'),
        ];
        const shown = ({ headers }: typeof known) => [...headers].filter(([name]) => name.startsWith('access-control'));
        expect(shown(known)).to.deep.equal(shown(unknown));
      }
      await server.configure({ security: { project_discoverable: true }, cors: { origins: [] } });
    });
  });

  describe('/metrics', () => {
    it('takes the system key, and none where it is public', async () => {
      expect((await server.call('GET', '/metrics')).status).to.equal(401);
      expect((await server.call('GET', '/metrics', { key })).status).to.equal(401);
      await server.configure({ metrics: { public: true } });
      expect((await server.call('GET', '/metrics')).status).to.equal(200);
      await server.configure({ metrics: { public: false } });
    });

    it('counts requests, times, entries, bytes and commits', async () => {
      const project = await server.project('counted', { storage: { engine: 'memory' } });
      for (let i = 0; i < 3; i++) await server.call('PUT', `counted/values/k${i}`, { key: project, body: 'abc' });
      await server.call('GET', 'counted/values/none', { key: project });
      await server.call('GET', '/no/such/path');
      await server.project('secret', { security: { keys_and_values_discoverable: false } });
      const { headers, text } = await server.call('GET', '/metrics', { key: server.systemKey });
      expect(headers.get('content-type')).to.match(/^text\/plain; version=0\.0\.4/);
      expect(text).not.to.include('portkv_project_entries{project="secret"}');
      expect(text).to.include('portkv_project_open{project="secret"} 1');
      const duration = 'portkv_http_request_duration_seconds';
      for (const line of [
        `${duration}_count{route="putValue",method="PUT",status="201"} 3`,
        `${duration}_bucket{route="putValue",method="PUT",status="201",le="+Inf"} 3`,
        `${duration}_count{route="getValue",method="GET",status="404"} 1`,
        `${duration}_count{route="none",method="GET",status="404"} 1`,
        'portkv_project_entries{project="counted"} 3',
        'portkv_project_bytes{project="counted"} 15',
        'portkv_project_open{project="counted"} 1',
        'portkv_project_commits_total{project="counted",outcome="done"} 3',
        'portkv_key_checks_waiting 0',
      ]) {
        expect(text.split('\n')).to.include(line);
      }
      expect(text).to.match(/^process_resident_memory_bytes \d+$/m);
      const shape = /^(# (HELP|TYPE) [a-z0-9_]+ .+|[a-z0-9_]+(\{[^{}]*\})? [-+\d.eNa]+|)$/;
      expect(text.split('\n').filter((line) => !shape.test(line))).to.deep.equal([]);
    });
  });

  describe('names that every object has', () => {
    const names = ['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'prototype'];

    it('are keys like any other, with every way to write', async () => {
      for (const name of names) {
        expect((await server.call('GET', `first_project/store/${name}`, { key })).status, name).to.equal(404);
        await server.call('PUT', `first_project/store/${name}`, { key, body: `"${name}"` });
        expect((await server.call('GET', `first_project/store/${name}`, { key })).json.data.value).to.equal(name);
      }
      const { text } = await server.call('GET', 'first_project/store?prefix=__proto__', { key });
      expect(text).to.include('"__proto__":{');
      const form = {
        key,
        body: '__proto__=1&constructor=2',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      };
      expect((await server.call('POST', 'first_project/store', form)).status).to.equal(200);
      expect((await server.call('GET', 'first_project/values/__proto__', { key })).text).to.equal('1');
      expect(({} as Record<string, unknown>)['1']).to.equal(undefined);
      for (const name of names) await server.call('DELETE', `first_project/values/${name}`, { key });
    });

    it('are members of values like any other', async () => {
      const body = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
      await server.call('PUT', 'first_project/values/members', { key, body });
      const headers = { 'content-type': 'application/merge-patch+json' };
      const patch = '{"__proto__":{"more":1},"constructor":null}';
      expect(
        (await server.call('PATCH', 'first_project/values/members', { key, body: patch, headers })).status,
      ).to.equal(204);
      const { text } = await server.call('GET', 'first_project/values/members', { key });
      expect(text).to.equal('{"__proto__":{"polluted":true,"more":1}}');
      expect(({} as { polluted?: boolean; more?: number }).polluted).to.equal(undefined);
    });

    it('are no settings and no projects', async () => {
      for (const body of ['{"id":"x","__proto__":{"polluted":1}}', '{"id":"x","storage":{"constructor":1}}']) {
        expect((await server.call('POST', '/api/v1/projects', { key: server.systemKey, body })).status, body).to.equal(
          400,
        );
      }
      expect((await server.call('PUT', 'first_project', { key, body: '{"__proto__":{"a":1}}' })).status).to.equal(400);
      for (const name of names) expect((await server.call('GET', name, { key })).status, name).to.equal(404);
    });
  });

  it('stores JSON of 100,000 levels as it came and shows it as text, and soon serves the next', async () => {
    const body = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const headers = { 'content-type': 'application/json' };
    expect((await server.call('PUT', 'first_project/store/deep', { key, body, headers })).status).to.equal(200);
    expect((await server.call('GET', 'first_project/values/deep', { key })).text).to.equal(body);
    expect((await server.call('GET', 'first_project/store/deep', { key })).json.data.value).to.equal(body);
    const start = performance.now();
    expect((await server.call('GET', '/livez')).status).to.equal(200);
    expect(performance.now() - start).to.be.below(500);
  });
});
