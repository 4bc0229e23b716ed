import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { SCOPES } from '../../../src/domain/api-key.js';
import { type TestResponse, TestServer } from '../../harness/test-server.js';

const START = 1_800_000_000_000;

describe('API keys of a project', () => {
  let server: TestServer;
  let now: number;
  let owner: string;

  beforeEach(async () => {
    now = START;
    server = await TestServer.start({ now: () => now });
    owner = await server.project('p', { storage: { engine: 'memory' } });
  });
  afterEach(() => server.stop());

  function make(body: object, key = owner): Promise<TestResponse> {
    return server.call('POST', 'p/api-keys', { key, body: JSON.stringify({ name: 'test', ...body }) });
  }

  async function made(body: object, key = owner): Promise<{ id: string; key: string }> {
    const { status, json, text } = await make(body, key);
    expect(status, text).to.equal(201);
    return json.data;
  }

  async function status(key: string, method = 'GET', path = 'p/store/a'): Promise<number> {
    return (await server.call(method, path, { key, ...(method === 'PUT' ? { body: '1' } : {}) })).status;
  }

  async function rotated(id: string, grace: number, key = owner): Promise<string> {
    const { status, json, text } = await server.call('POST', `p/api-keys/${id}/rotate`, {
      key,
      body: JSON.stringify({ grace }),
    });
    expect(status, text).to.equal(201);
    expect(json.data.id).to.equal(id);
    return json.data.key;
  }

  async function config(): Promise<{ projects: { id: string; api_keys?: { id: string }[] }[] }> {
    return JSON.parse(await readFile(join(server.folder, 'config.json'), 'utf8'));
  }

  it('are created as requested, shown once, and kept as a hash', async () => {
    const { status, headers, json } = await make({
      name: 'greenhouse',
      scopes: ['list', 'read', 'read'],
      prefix: 'iot/',
      expires_in: 60,
    });
    expect(status).to.equal(201);
    expect(headers.get('cache-control')).to.equal('no-store');
    const { key, ...shown } = json.data;
    expect(key).to.match(/^pkv_[a-z2-7]{8}_/);
    expect(shown).to.deep.equal({
      id: key.slice(4, 12),
      name: 'greenhouse',
      primary: false,
      scopes: ['read', 'list'],
      prefix: 'iot/',
      created_at: START / 1000,
      expires_at: START / 1000 + 60,
      last_used_at: null,
      previous_expires_at: null,
    });
    const listed = await server.call('GET', 'p/api-keys', { key: server.systemKey });
    expect(listed.json.data).to.have.length(2);
    expect(listed.json.data[0]).to.include({
      primary: true,
      id: owner.slice(4, 12),
      name: 'primary',
      created_at: null,
    });
    expect(listed.json.data[1]).to.deep.equal(shown);
    expect(listed.text).not.to.match(/hash|argon2|pkv_/);
    const file = await readFile(join(server.folder, 'config.json'), 'utf8');
    expect(file).not.to.include(key.slice(13));
    const [stored] = (await config()).projects.find(({ id }) => id === 'p')?.api_keys ?? [];
    expect(stored).to.have.all.keys('id', 'name', 'scopes', 'prefix', 'hash', 'created_at', 'expires_at');
    await server.restart();
    expect((await server.call('GET', '/api/v1/whoami', { key })).json.data).to.deep.equal({
      kind: 'project',
      id: key.slice(4, 12),
      name: 'greenhouse',
      project: 'p',
      scopes: ['read', 'list'],
      prefix: 'iot/',
      expires_at: START / 1000 + 60,
    });
  });

  it('never appear in the settings, and cannot be set with them', async () => {
    await made({ scopes: ['read'] });
    for (const [method, path] of [
      ['GET', 'p'],
      ['GET', '/api/v1/projects'],
    ] as const) {
      expect((await server.call(method, path, { key: server.systemKey })).text).not.to.include('api_keys');
    }
    const api_keys = [{ id: 'abcdefgh', name: 'x', scopes: ['read'], hash: 'x', created_at: 1 }];
    const put = { key: owner, body: JSON.stringify({ api_keys }) };
    expect((await server.call('PUT', 'p', put)).status).to.equal(400);
    const post = { key: server.systemKey, body: JSON.stringify({ id: 'q', api_keys: [] }) };
    expect((await server.call('POST', '/api/v1/projects', post)).status).to.equal(400);
  });

  it('are refused from the next request on after they are deleted', async () => {
    const { id, key } = await made({ scopes: ['write'] });
    expect(await status(key, 'PUT')).to.equal(200);
    expect((await server.call('DELETE', `p/api-keys/${id}`, { key: owner })).status).to.equal(200);
    expect(await status(key, 'PUT')).to.equal(401);
    expect((await server.call('DELETE', `p/api-keys/${id}`, { key: owner })).status).to.equal(404);
    await server.restart();
    expect(await status(key, 'PUT')).to.equal(401);
    expect((await config()).projects.find((one) => one.id === 'p')?.api_keys).to.deep.equal([]);
  });

  it('are refused when they expire, and leave the file when another is created a day later', async () => {
    const { id, key } = await made({ scopes: ['write'], expires_in: 2 });
    expect(await status(key, 'PUT')).to.equal(200);
    now += 1_999;
    expect(await status(key, 'PUT')).to.equal(200);
    now += 1;
    expect(await status(key, 'PUT')).to.equal(401);
    await made({ scopes: ['read'] });
    expect((await config()).projects.find((one) => one.id === 'p')?.api_keys).to.have.length(2);
    now += 24 * 3600 * 1000 + 1;
    const { id: last } = await made({ scopes: ['read'] });
    const left = (await config()).projects.find((one) => one.id === 'p')?.api_keys?.map((one) => one.id);
    expect(left).to.have.length(2).and.to.include(last).and.not.to.include(id);
  });

  it('are rotated: the old secret works until the end of its grace period', async () => {
    const { id, key } = await made({ scopes: ['write'] });
    expect(await status(key, 'PUT')).to.equal(200);
    const second = await rotated(id, 10);
    expect([await status(key, 'PUT'), await status(second, 'PUT')]).to.deep.equal([200, 200]);
    const old = await server.call('GET', '/api/v1/whoami', { key });
    expect(old.json.data.expires_at).to.equal(START / 1000 + 10);
    await server.restart();
    now += 9_999;
    expect([await status(key, 'PUT'), await status(second, 'PUT')]).to.deep.equal([200, 200]);
    now += 1;
    expect([await status(key, 'PUT'), await status(second, 'PUT')]).to.deep.equal([401, 200]);
    const third = await rotated(id, 0);
    expect([await status(second, 'PUT'), await status(third, 'PUT')]).to.deep.equal([401, 200]);
  });

  it('do not include the primary key, which has a route of its own', async () => {
    for (const id of ['primary', owner.slice(4, 12)]) {
      expect((await server.call('DELETE', `p/api-keys/${id}`, { key: owner })).status).to.equal(409);
      expect((await server.call('POST', `p/api-keys/${id}/rotate`, { key: owner })).status).to.equal(409);
    }
    expect(await status(owner, 'PUT')).to.equal(200);
  });

  it('cannot have more rights than the key that creates them', async () => {
    const admin = await made({ scopes: ['read', 'admin'], prefix: 'a/', expires_in: 100 });
    const fine = { scopes: ['read'], prefix: 'a/b', expires_in: 100 };
    const grants = { more: { scopes: ['read', 'write'] }, wide: { prefix: 'b/' }, all: { prefix: undefined } };
    const times = { long: { expires_in: 101 }, endless: { expires_in: undefined } };
    for (const [what, change] of Object.entries({ ...grants, ...times })) {
      const { status, json } = await make({ ...fine, ...change }, admin.key);
      expect(status, what).to.equal(403);
      expect(json.error, what).to.include({ code: 'insufficient_scope' }).and.to.have.property('required_scope');
    }
    await made(fine, admin.key);
    const strong = await made({ scopes: ['write'], prefix: 'a/', expires_in: 50 });
    const lasting = await made({ scopes: ['read'], prefix: 'a/' });
    const other = await made({ scopes: ['read'], prefix: 'b/', expires_in: 50 });
    for (const { id } of [strong, lasting, other]) {
      const { status } = await server.call('POST', `p/api-keys/${id}/rotate`, { key: admin.key });
      expect(status).to.equal(403);
    }
    expect((await server.call('DELETE', `p/api-keys/${other.id}`, { key: admin.key })).status).to.equal(403);
    expect((await server.call('DELETE', `p/api-keys/${strong.id}`, { key: admin.key })).status).to.equal(200);
    const seen = (await server.call('GET', 'p/api-keys', { key: admin.key })).json.data as { prefix: string }[];
    expect(seen.map(({ prefix }) => prefix)).to.deep.equal(['a/', 'a/b', 'a/']);
    await rotated(admin.id, 0, admin.key);
  });

  it('are refused if the body is wrong, with the path of the member', async () => {
    const wrong: readonly [object, string][] = [
      [{}, 'scopes'],
      [{ scopes: [] }, 'scopes'],
      [{ scopes: ['fly'] }, 'scopes[0]'],
      [{ scopes: ['read'], name: '' }, 'name'],
      [{ scopes: ['read'], name: 'a\nb' }, 'name'],
      [{ scopes: ['read'], prefix: '' }, 'prefix'],
      [{ scopes: ['read'], prefix: 'é'.repeat(300) }, 'prefix'],
      [{ scopes: ['read'], expires_in: 0 }, 'expires_in'],
      [{ scopes: ['read'], expires_in: 1e12 }, 'expires_in'],
      [{ scopes: ['read'], hash: 'x' }, 'hash'],
    ];
    for (const [body, path] of wrong) {
      const { status, json } = await make(body);
      expect(status, path).to.equal(400);
      expect(json.error.path, JSON.stringify(body)).to.equal(path);
    }
    const { id } = await made({ scopes: ['read'] });
    for (const grace of [-1, 1e9, 'x']) {
      const body = JSON.stringify({ grace });
      const { status } = await server.call('POST', `p/api-keys/${id}/rotate`, { key: owner, body });
      expect(status).to.equal(400);
    }
  });

  it('show when they were last used, also after a restart, and not in the configuration', async () => {
    const { id, key } = await made({ scopes: ['read'] });
    const before = await readFile(join(server.folder, 'config.json'), 'utf8');
    const last = async () => {
      const { json } = await server.call('GET', 'p/api-keys', { key: owner });
      return (json.data as { id: string; last_used_at: number | null }[]).find((one) => one.id === id)?.last_used_at;
    };
    expect(await last()).to.equal(null);
    now += 1500;
    await status(key);
    expect(await last()).to.equal(now / 1000);
    await server.restart();
    expect(await last()).to.equal(now / 1000);
    expect(await readFile(join(server.folder, 'config.json'), 'utf8')).to.equal(before);
    await server.restart(() => writeFile(join(server.folder, 'storage_data', 'last-use.portkv.json'), 'no JSON'));
    expect(await last()).to.equal(null);
  });

  it('can ask for their own rights, and so can the system key', async () => {
    const whoAmI = async (key: string) => (await server.call('GET', '/api/v1/whoami', { key })).json.data;
    expect(await whoAmI(owner)).to.deep.include({ kind: 'project', name: 'primary', project: 'p', scopes: SCOPES });
    expect(await whoAmI(server.systemKey)).to.deep.include({ kind: 'system', project: null, scopes: ['admin'] });
    expect((await server.call('GET', '/api/v1/whoami')).status).to.equal(401);
  });

  it('are created or refused while their project is deleted, and never open the next of that name', async () => {
    for (let round = 0; round < 5; round++) {
      const key = await server.project('passing', { storage: { engine: 'memory' } });
      const body = JSON.stringify({ name: 'x', scopes: ['read'] });
      const make = () => server.call('POST', 'passing/api-keys', { key, body });
      const before = await make();
      const made = [make(), make(), make()];
      const gone = server.call('DELETE', 'passing', { key: server.systemKey });
      made.push(make(), make());
      expect((await gone).status).to.equal(200);
      await server.project('passing', { storage: { engine: 'memory' } });
      for (const { status, json } of [before, ...(await Promise.all(made))]) {
        expect(status).to.be.oneOf([201, 401, 404]);
        if (status !== 201) continue;
        expect((await server.call('GET', 'passing/values/a', { key: json.data.key })).status).to.equal(401);
      }
      await server.call('DELETE', 'passing', { key: server.systemKey });
    }
  });

  it('created by many clients at once are all kept', async () => {
    const keys = await Promise.all(Array.from({ length: 12 }, () => made({ scopes: ['write'] })));
    const ids = (await config()).projects.find((one) => one.id === 'p')?.api_keys?.map((one) => one.id);
    expect(ids).to.have.members(keys.map(({ id }) => id));
    await Promise.all(keys.map(({ id }) => server.call('DELETE', `p/api-keys/${id}`, { key: owner })));
    expect((await config()).projects.find((one) => one.id === 'p')?.api_keys).to.deep.equal([]);
  });
});
