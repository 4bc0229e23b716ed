import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

describe('Settings that affect more than a project', () => {
  let server: TestServer;
  let outside: string;
  before(async () => {
    server = await TestServer.start();
    outside = await mkdtemp(join(tmpdir(), 'portkv-outside-'));
  });
  after(async () => {
    await server.stop();
    await rm(outside, { recursive: true });
  });

  const beyond = [
    { engine: 'directory', options: { path: 'shared' } },
    { encryption: { key_file: '/etc/hostname' } },
    { engine: 'package:express' },
  ];
  for (const storage of beyond) {
    it(`cannot be set with a key of the project: ${JSON.stringify(storage)}`, async () => {
      const body = JSON.stringify({ storage });
      const { status, json } = await server.call('PUT', 'first_project', { key: server.projectKey, body });
      const { code, required_scope } = json.error;
      expect([status, code, required_scope]).to.deep.equal([403, 'insufficient_scope', 'system']);
    });
  }

  it('cannot name a path outside the data folder', async () => {
    for (const path of [outside, '../outside', 'a/../../outside', '..', 'C:\\outside', '..\\outside']) {
      const storage = { engine: 'directory', options: { path } };
      for (const [method, route] of [
        ['POST', '/api/v1/projects'],
        ['PUT', 'first_project'],
      ] as const) {
        const body = JSON.stringify({ ...(method === 'POST' ? { id: 'beyond' } : {}), storage });
        const { status, json } = await server.call(method, route, { key: server.systemKey, body });
        expect([path, status, json.error?.path]).to.deep.equal([path, 400, 'storage.options.path']);
      }
    }
    expect(await readdir(outside)).to.deep.equal([]);
  });

  it('cannot name files of the server or of another project', async () => {
    await server.project('other', { storage: { engine: 'directory' } });
    const before = await readdir(join(server.folder, 'storage_data'));
    const own = ['.', 'a/..', './/', 'other', './other/x', 'snapshots.portkv/x', 'other.placement.json', 'a\0b', ''];
    for (const path of own) {
      const body = JSON.stringify({ id: 'beyond', storage: { engine: 'directory', options: { path } } });
      const { status } = await server.call('POST', '/api/v1/projects', { key: server.systemKey, body });
      expect([path, status]).to.deep.equal([path, 400]);
    }
    expect(await readdir(join(server.folder, 'storage_data'))).to.have.members(before);
  });
});
