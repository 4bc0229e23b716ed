import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

describe('Symbolic links in the data folder', () => {
  let server: TestServer;
  let key: string;
  let elsewhere: string;
  const data = (...names: string[]) => join(server.folder, 'storage_data', ...names);

  beforeEach(async () => {
    server = await TestServer.start();
    key = await server.project('p', { storage: { engine: 'directory' } });
    await server.call('PUT', 'p/values/a', { key, body: '1' });
    elsewhere = join(server.folder, 'elsewhere');
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, 'mine.json'), '{"mine": {"value": 1}}');
  });
  afterEach(() => server.stop());

  const untouched = async () => expect(await readdir(elsewhere)).to.deep.equal(['mine.json']);

  for (const place of [['snapshots.portkv'], ['snapshots.portkv', 'p']]) {
    it(`are not followed by snapshots: ${place.join('/')}`, async () => {
      if (place.length > 1) await mkdir(data('snapshots.portkv'));
      await symlink(elsewhere, data(...place));
      for (const method of ['POST', 'GET']) {
        const { status, text } = await server.call(method, 'p/snapshots', { key });
        expect(status, text).to.equal(503);
        expect(text).to.include('is a link');
      }
      await untouched();
    });
  }

  it('are not followed by entries', async () => {
    for (const [name, target] of [
      ['mine.json', 'mine.json'],
      ['new.json', 'new.json'],
    ] as const) {
      await symlink(join(elsewhere, target), data('p', name));
    }
    for (const name of ['mine', 'new']) {
      expect((await server.call('GET', `p/values/${name}`, { key })).status, name).to.equal(503);
      expect((await server.call('PUT', `p/values/${name}`, { key, body: '2' })).status, name).to.equal(503);
    }
    expect((await server.call('GET', 'p/values/a', { key })).text).to.equal('1');
    await untouched();
    expect(await readFile(join(elsewhere, 'mine.json'), 'utf8')).to.include('"value": 1');
  });

  for (const place of [['p'], ['p', '.portkv']]) {
    it(`are not followed by a project: ${place.join('/')}`, async () => {
      await server.restart(async () => {
        await rm(data(...place), { recursive: true });
        await symlink(elsewhere, data(...place));
      });
      const { status, text } = await server.call('PUT', 'p/values/b', { key, body: '2' });
      expect(status, text).to.equal(503);
      expect(text).to.include('is a link');
      await untouched();
    });
  }

  it('are not created for any key or project id', async () => {
    for (const name of ['..%2F..%2Fup', '%2Fetc%2Fpasswd', '..', '.', 'a%00b', '%2e%2e']) {
      await server.call('PUT', `p/store/${name}`, { key, body: '1' });
    }
    const files = await readdir(data('p'));
    expect(files.every((file) => /^[a-z0-9_%.~-]+$/.test(file) && !file.startsWith('..'))).to.equal(true);
    await untouched();
    for (const id of ['../p', '..', 'a/b', 'a.b']) {
      const body = JSON.stringify({ id });
      expect((await server.call('POST', '/api/v1/projects', { key: server.systemKey, body })).status).to.equal(400);
    }
  });
});
