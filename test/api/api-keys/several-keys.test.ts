import { request } from 'node:http';
import { expect } from 'chai';
import { generateKey } from '../../../src/infrastructure/security/generated-key.js';
import { TestServer } from '../../harness/test-server.js';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U';
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('A request with several keys', () => {
  let server: TestServer;
  let own: string;
  let byHand: string;
  before(async () => {
    server = await TestServer.start();
    own = server.projectKey;
    byHand = 'set-by-hand,with-a-comma';
    await server.restart(async () => {
      const { readFile, writeFile } = await import('node:fs/promises');
      const file = `${server.folder}/config.json`;
      const config = JSON.parse(await readFile(file, 'utf8'));
      config.projects.push({ id: 'old', authentication: { enabled: true, api_key: byHand } });
      await writeFile(file, JSON.stringify(config));
    });
  });
  after(() => server.stop());

  /** Sends headers as they are, also several of one name. */
  function status(headers: readonly (readonly [string, string])[], path = 'first_project/values/k', body = '1') {
    return new Promise<number>((resolve, reject) => {
      const { port, hostname, host } = new URL(server.address);
      const [method, type] = path.endsWith('/store') ? ['POST', 'application/x-www-form-urlencoded'] : ['PUT', 'a/b'];
      const all = [['Host', host], ['Content-Length', String(body.length)], ['Content-Type', type], ...headers];
      const sent = request({ port, hostname, method, path: `/api/v1/projects/${path}`, headers: all.flat() as never });
      sent.on('error', reject).on('response', (response) => {
        response.resume().on('end', () => resolve(response.statusCode === 204 ? 201 : (response.statusCode ?? 0)));
      });
      sent.end(body);
    });
  }

  it('counts the one of this server, whatever else a proxy or a gateway wants', async () => {
    const foreign = [JWT, generateKey().secret, 'gateway-key', ''];
    for (const other of foreign) {
      for (const name of ['X-API-Key', 'Api-Key']) {
        expect(
          await status([
            ['Authorization', `Bearer ${other}`],
            [name, own],
          ]),
          other,
        ).to.equal(201);
        expect(
          await status([
            [name, own],
            ['Authorization', `Bearer ${other}`],
          ]),
          other,
        ).to.equal(201);
        expect(
          await status([
            ['Authorization', `Bearer ${own}`],
            [name, other],
          ]),
          other,
        ).to.equal(201);
      }
      expect(
        await status([
          ['Authorization', basic(`user:${other}`)],
          ['X-API-Key', own],
        ]),
        other,
      ).to.equal(201);
      expect(
        await status([
          ['X-API-Key', other],
          ['Api-Key', own],
        ]),
        other,
      ).to.equal(201);
    }
    for (const scheme of ['Digest username="a", realm="b"', 'Negotiate YII=', 'AWS4-HMAC-SHA256 Credential=a', 'x']) {
      expect(
        await status([
          ['Authorization', scheme],
          ['X-API-Key', own],
        ]),
        scheme,
      ).to.equal(201);
    }
  });

  it('counts it also if a header comes twice or was joined on the way', async () => {
    expect(
      await status([
        ['X-API-Key', 'gateway-key'],
        ['X-API-Key', own],
      ]),
    ).to.equal(201);
    expect(
      await status([
        ['X-API-Key', own],
        ['x-api-key', own],
      ]),
    ).to.equal(201);
    expect(await status([['X-API-Key', `gateway-key, ${own}`]])).to.equal(201);
    expect(
      await status([
        ['Authorization', basic('a:b')],
        ['Authorization', `Bearer ${own}`],
      ]),
    ).to.equal(201);
    expect(
      await status([
        ['Authorization', `bearer ${own}`],
        ['authorization', basic('a:b')],
      ]),
    ).to.equal(201);
  });

  it('takes a key as the password of Basic, or as its user name without a password', async () => {
    for (const credentials of [`:${own}`, `any:${own}`, `${own}:`]) {
      expect(await status([['Authorization', basic(credentials)]]), credentials).to.equal(201);
    }
    for (const credentials of ['', ':', own.slice(0, -1), 'a:b']) {
      expect(await status([['Authorization', basic(credentials)]]), credentials).to.equal(401);
    }
  });

  it('counts a key that was set by hand, and no request with it as a failure', async () => {
    const gateway = [['X-API-Key', 'gateway'] as const, ['Authorization', `Bearer ${byHand}`] as const];
    for (let i = 0; i < 15; i++) {
      expect(await status(gateway, 'old/values/k')).to.equal(201);
      expect(
        await status(
          [
            ['X-API-Key', byHand],
            ['Authorization', `Bearer ${JWT}`],
          ],
          'old/values/k',
        ),
      ).to.equal(201);
    }
  });

  it('counts the one in Authorization if both are of this server', async () => {
    const body = JSON.stringify({ name: 'reader', scopes: ['read'] });
    const { json } = await server.call('POST', 'first_project/api-keys', { key: own, body });
    const reader = json.data.key as string;
    expect(
      await status([
        ['Authorization', `Bearer ${reader}`],
        ['X-API-Key', own],
      ]),
    ).to.equal(403);
    expect(
      await status([
        ['X-API-Key', reader],
        ['Authorization', `Bearer ${own}`],
      ]),
    ).to.equal(201);
  });

  it('takes the key of a form beside what a proxy added, and does not store it', async () => {
    const form = new URLSearchParams({ a: '1', auth: own }).toString();
    for (const authorization of [basic('user:password'), `Bearer ${JWT}`]) {
      expect(await status([['Authorization', authorization]], 'first_project/store', form)).to.equal(200);
      expect((await server.call('GET', 'first_project/values/auth', { key: own })).status).to.equal(404);
    }
  });

  it('is refused without a key of this server, and tries no more than a few', async () => {
    expect(
      await status([
        ['Authorization', `Bearer ${JWT}`],
        ['X-API-Key', generateKey().secret],
      ]),
    ).to.equal(401);
    const many = Array.from({ length: 40 }, () => ['X-API-Key', generateKey().secret] as const);
    expect(await status(many)).to.equal(401);
  });
});

describe('A valid key of the wrong kind', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
    await server.project('q');
  });
  after(() => server.stop());

  const asked = async (method: string, path: string, key: string) => {
    const { status, json } = await server.call(method, path, { key, ...(method === 'PUT' ? { body: '1' } : {}) });
    return [status, json?.error.code, json?.error.required_scope];
  };

  it('is refused with what is needed, and counts as no failure', async () => {
    for (let i = 0; i < 15; i++) {
      const [system, project] = [server.systemKey, server.projectKey];
      for (const path of ['first_project/values/k', 'q/store/k', 'first_project/store'])
        expect(await asked('GET', path, system)).to.deep.equal([403, 'insufficient_scope', 'project']);
      expect(await asked('PUT', 'q/values/k', system)).to.deep.equal([403, 'insufficient_scope', 'project']);
      for (const path of ['/status', '/api/v1/projects', '/metrics'])
        expect(await asked('GET', path, project)).to.deep.equal([403, 'insufficient_scope', 'system']);
    }
  });

  it('learns nothing about projects: the answer is the same for those that exist and those that do not', async () => {
    const project = server.projectKey;
    for (const id of ['first_project', 'q', 'nowhere'])
      expect(await asked('DELETE', id, project), id).to.deep.equal([403, 'insufficient_scope', 'system']);
    expect(await asked('GET', 'q', project), 'a key of another project').to.deep.equal([
      401,
      'unauthenticated',
      undefined,
    ]);
    expect((await server.call('GET', '/status', { key: project })).json.System).to.equal(null);
    await server.configure({ security: { project_discoverable: false } });
    const all = ['q', 'nowhere'].map(async (id) => {
      const { status, text } = await server.call('GET', `${id}/values/k`, { key: server.systemKey });
      return `${status} ${text}`;
    });
    expect(new Set(await Promise.all(all)).size).to.equal(1);
    await server.configure({ security: { project_discoverable: true } });
  });

  it('is unknown to those who only guess its id', async () => {
    const guess = generateKey(server.systemKey.slice(4, 12)).secret;
    expect(await asked('GET', 'first_project/values/k', guess)).to.deep.equal([401, 'unauthenticated', undefined]);
  });
});
