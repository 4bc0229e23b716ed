import { chmod, lstat, mkdir, readdir, readFile, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { permissionWarnings } from '../../../src/infrastructure/files/file-permissions.js';
import { TestServer } from '../../harness/test-server.js';

/** The end of the name of each engine's data. */
const FILES = { 'json-file': '_store.json', lmdb: '.lmdb' };

/** What a server makes in its data folder. */
const OWN_NAMES = 'first_project|portkv|last-use|audit|installation|reserve\\.portkv(/[0-9a-f]+)?';
const OWN_FILE = new RegExp(`/(${OWN_NAMES})[^/]*(/[0-9a-f]+\\.segment)?$`);

describe('The files of a server', () => {
  let server: TestServer;
  let data: string;

  beforeEach(async () => {
    server = await TestServer.start();
    data = join(server.folder, 'storage_data');
  });
  afterEach(() => server.stop());

  async function fill(): Promise<void> {
    for (const engine of Object.keys(FILES)) {
      const key = await server.project(`p-${engine}`, { storage: { engine } });
      await server.call('PUT', `p-${engine}/values/a`, { key, body: '1' });
      await server.call('POST', `p-${engine}/api-keys`, { key, body: '{"name":"x","scopes":["read"]}' });
    }
  }

  async function tree(folder: string): Promise<string[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.map((entry) => join(entry.parentPath, entry.name));
  }

  it('are readable for their owner only, folders too', async () => {
    await fill();
    await server.restart();
    const all = [server.folder, ...(await tree(server.folder))];
    expect(all.length).to.be.above(8);
    for (const path of all) expect((await lstat(path)).mode & 0o077, path).to.equal(0);
    expect(await permissionWarnings([server.folder])).to.deep.equal([]);
  });

  it('lead to a warning if other users can read them', async () => {
    await fill();
    await chmod(join(data, 'p-lmdb.lmdb'), 0o755);
    await chmod(join(server.folder, 'config.json'), 0o640);
    const [warning, ...more] = await permissionWarnings([join(server.folder, 'config.json'), data]);
    expect(more).to.deep.equal([]);
    expect(warning).to.include('p-lmdb.lmdb (755)').and.to.include('config.json (640)');
  });

  for (const [engine, end] of Object.entries(FILES)) {
    it(`are not links: ${engine} follows none, and their targets stay unchanged`, async () => {
      await fill();
      const id = `p-${engine}`;
      const place = join(data, id + end);
      const elsewhere = join(server.folder, 'elsewhere');
      await server.restart(async () => {
        await rename(place, elsewhere);
        await symlink(elsewhere, place);
      });
      const before = await contents(elsewhere);
      const { status, json } = await server.call('GET', `${id}/values/a`, { key: await newKey(id) });
      expect(status).to.equal(503);
      expect(json.message)
        .to.include(id + end)
        .and.not.include(data);
      expect(await contents(elsewhere)).to.deep.equal(before);
      await server.call('DELETE', id, { key: server.systemKey });
      expect(await contents(elsewhere)).to.deep.equal(before);
    });

    it(`are not links: a new project on ${engine} does not follow one`, async () => {
      const target = join(server.folder, 'target');
      await symlink(target, join(data, `new${end}`));
      const body = JSON.stringify({ id: 'new', storage: { engine } });
      const create = (query: string) =>
        server.call('POST', `/api/v1/projects${query}`, { key: server.systemKey, body });
      expect((await create('')).status).to.equal(409);
      const key = (await create('?existing=move-aside')).json.data.new_api_key;
      await server.call('PUT', 'new/values/a', { key, body: '1' });
      expect((await server.call('GET', 'new/values/a', { key })).text).to.equal('1');
      expect(await lstat(target).catch(({ code }) => code)).to.equal('ENOENT');
    });
  }

  it('stay in the data folder, whatever the ids and keys', async () => {
    const outside = join(server.folder, 'outside');
    await mkdir(outside);
    const before = await readdir(server.folder);
    const key = server.projectKey;
    const names = [
      '../outside/x',
      '..',
      '.',
      '/etc/x',
      'a/../../outside/x',
      '..\\outside\\x',
      'x\0y',
      '%2e%2e',
      'C:x',
      '~',
    ];
    for (const name of names) {
      const body = JSON.stringify({ id: name, storage: { engine: 'json-file' } });
      const made = await server.call('POST', '/api/v1/projects', { key: server.systemKey, body });
      expect(made.status, name).to.equal(400);
      const segment = encodeURIComponent(name);
      for (const [method, path] of [
        ['GET', segment],
        ['PUT', `${segment}/values/a`],
        ['DELETE', segment],
      ] as const) {
        const { status } = await server.call(method, path, {
          key: server.systemKey,
          ...(method === 'PUT' ? { body: '1' } : {}),
        });
        expect(status, `${method} ${name}`).to.be.within(400, 404);
      }
    }
    for (const name of names) {
      const put = await server.call('PUT', `first_project/values?key=${encodeURIComponent(name)}`, { key, body: name });
      expect(put.status, name).to.equal(201);
    }
    expect(await readdir(outside)).to.deep.equal([]);
    expect(await readdir(server.folder)).to.deep.equal(before);
    for (const path of await tree(data)) expect(path).to.match(OWN_FILE);
  });

  it('cannot be moved by the options of an engine', async () => {
    for (const engine of [...Object.keys(FILES), 'memory']) {
      for (const name of ['path', 'folder', 'file', 'dir', '__proto__']) {
        const body = `{"id":"p","storage":{"engine":"${engine}","options":{"${name}":"../outside"}}}`;
        const { status } = await server.call('POST', '/api/v1/projects', { key: server.systemKey, body });
        expect(status, `${engine} ${name}`).to.equal(400);
      }
    }
  });

  async function newKey(id: string): Promise<string> {
    const path = `${id}/config/regenerate-api-key`;
    return (await server.call('POST', path, { key: server.systemKey })).json.data.new_api_key;
  }

  async function contents(path: string): Promise<string[]> {
    if ((await lstat(path)).isFile()) return [await readFile(path, 'latin1')];
    return Promise.all((await readdir(path)).sort().map((name) => readFile(join(path, name), 'latin1')));
  }
});
