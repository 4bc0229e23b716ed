import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

const PAGE = 'https://page.example';

describe('Pages of other origins', () => {
  let server: TestServer;
  let key: string;
  before(async () => {
    server = await TestServer.start();
    key = server.projectKey;
    await server.call('PUT', 'first_project/values/k1', { key, body: 'v'.repeat(100) });
  });
  after(() => server.stop());

  const from = (origin: string, path = 'first_project/values/k1', method = 'GET') =>
    server.call(method, path, { key, headers: { origin, 'access-control-request-method': 'PUT' } });

  it('are not allowed unless they are configured', async () => {
    for (const method of ['GET', 'OPTIONS']) {
      const { headers } = await from(PAGE, undefined, method);
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).to.deep.equal([]);
    }
  });

  it('are allowed if the project names them or, if it names none, the system does', async () => {
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

  it('get the methods and headers that they may send and read, also with errors', async () => {
    const preflight = await from(PAGE, undefined, 'OPTIONS');
    expect(preflight.status).to.equal(204);
    expect(preflight.headers.get('access-control-allow-methods')).to.equal(
      'GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS',
    );
    expect(preflight.headers.get('access-control-allow-headers'))
      .to.include('Authorization')
      .and.include('If-Match')
      .and.include('X-TTL');
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

  it('may be those of apps, of extensions, and those without an origin', async () => {
    const apps = [
      ...['capacitor://localhost', 'ionic://localhost', 'tauri://localhost', 'https://tauri.localhost'],
      ...['chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb', 'safari-web-extension://6A0F2F2C-8E2B-4BFE-9D5A-1'],
      ...['moz-extension://0c2b3c4d-0000-4000-8000-000000000000', 'app://.', 'app://obsidian.md', 'x.y+z-1://h:8080'],
      ...['http://[::1]:3000', 'http://localhost:5173', 'file://', 'null'],
    ];
    for (const origin of apps) {
      await server.configure({ cors: { origins: [origin] } });
      expect((await from(origin)).headers.get('access-control-allow-origin'), origin).to.equal(origin);
      expect((await from(origin, undefined, 'OPTIONS')).headers.get('access-control-allow-origin')).to.equal(origin);
      expect((await from(PAGE)).headers.get('access-control-allow-origin'), origin).to.equal(null);
    }
    const wrong = ['localhost', 'capacitor:', 'capacitor://', 'tauri://localhost/', 'tauri://a@b', 'https://A.example'];
    for (const origin of [...wrong, 'https://a.example/x', 'app://h?q', 'app://h#f', '', 'NULL', 'https://a:443']) {
      const { status, json } = await server.call('POST', '/api/v1/projects', {
        key: server.systemKey,
        body: JSON.stringify({ id: 'p', cors: { origins: [origin] } }),
      });
      expect([status, json.error?.path], origin).to.deep.equal([400, 'cors.origins']);
    }
    await server.configure({ cors: { origins: [PAGE] } });
  });

  it('may send the headers that their preflight asks for', async () => {
    const ask = async (origin: string, names: string) => {
      const headers = { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': names };
      const answer = await server.call('OPTIONS', 'first_project/changes', { key, headers });
      expect(answer.status).to.equal(204);
      return answer.headers.get('access-control-allow-headers')?.split(', ') ?? [];
    };
    const tracing = 'traceparent,tracestate,baggage,sentry-trace,x-requested-with,x-datadog-origin';
    const allowed = await ask(PAGE, `authorization,cache-control,last-event-id, ${tracing}`);
    expect(allowed.map((name) => name.toLowerCase())).to.include.members([
      ...['authorization', 'cache-control', 'last-event-id', ...tracing.split(',')],
    ]);
    expect(new Set(allowed.map((name) => name.toLowerCase())).size).to.equal(allowed.length);
    expect(await ask('https://other.example', tracing)).to.deep.equal([]);
    const bad = await ask(PAGE, `a b,,x/y,"q",(c),${'n'.repeat(200)},good,${'x,'.repeat(500)}`);
    expect(bad.filter((name) => /[^\w-]/.test(name) || name.length > 100)).to.deep.equal([]);
    expect(bad).to.include('good');
    const many = await ask(PAGE, Array.from({ length: 500 }, (_, i) => `x-${i}`).join());
    expect(many.length).to.be.lessThan(100);
  });

  it('cannot find out which projects exist if that is a secret', async () => {
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
