import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { TestServer } from '../../harness/test-server.js';

const UNREADABLE = '{"value": "precious';

describe('Files of other programs in the folder of a directory', () => {
  let server: TestServer;
  let key: string;
  let folder: string;

  beforeEach(async () => {
    server = await TestServer.start();
    key = await server.project('p', { storage: { engine: 'directory' } });
    folder = join(server.folder, 'storage_data', 'p');
    await put('good', '1');
    await writeFile(join(folder, 'README.txt'), 'read me');
    await writeFile(join(folder, 'broken.json'), UNREADABLE);
  });
  afterEach(() => server.stop());

  async function put(name: string, body: string): Promise<number> {
    return (await server.call('PUT', `p/values/${name}`, { key, body })).status;
  }

  async function expectBroken(): Promise<void> {
    expect((await server.call('GET', 'p/values/broken', { key })).status).to.equal(503);
    expect(await readFile(join(folder, 'broken.json'), 'utf8')).to.equal(UNREADABLE);
  }

  it('make a move, an export and a snapshot fail if they cannot be read', async () => {
    await expectBroken();
    const body = JSON.stringify({ storage: { engine: 'lmdb' } });
    const refused = [
      await server.call('PUT', 'p', { key, body }),
      await server.call('GET', 'p/export', { key }),
      await server.call('POST', 'p/snapshots', { key }),
    ];
    for (const { status, json } of refused) {
      expect(status).to.equal(503);
      expect(json.message).to.include('broken.json');
    }
    await expectBroken();
    await rm(join(folder, 'broken.json'));
    expect((await server.call('GET', 'p/values/broken', { key })).status).to.equal(404);
    expect((await server.call('GET', 'p/export', { key })).status).to.equal(200);
  });

  it('stay when all entries are removed or replaced', async () => {
    const exported = await exportedOf('first_project');
    expect((await server.call('DELETE', 'p/store', { key })).status).to.equal(200);
    await expectBroken();
    const replaced = await server.call('POST', 'p/import?mode=replace', { key, body: exported });
    expect(replaced.json.data, replaced.text).to.include({ put: 1 });
    await put('later', '2');
    expect((await server.call('GET', 'p/store?count=only', { key })).json.data.count).to.equal(2);
    await expectBroken();
    expect(await readdir(folder)).to.include.members(['README.txt', 'broken.json', 'later.json', 'one.json']);
  });

  it('outlive the project, unless they have the name of an entry', async () => {
    expect((await server.call('DELETE', '/api/v1/projects/p', { key: server.systemKey })).status).to.equal(200);
    expect(await readdir(folder)).to.deep.equal(['README.txt']);
  });

  it('that are entries are replaced in a shared folder, too', async () => {
    const exported = await exportedOf('first_project');
    const shared = join(server.folder, 'storage_data', 'shared');
    await mkdir(shared);
    const own = await server.project('s', { storage: { engine: 'directory', options: { path: 'shared' } } });
    await server.call('PUT', 's/values/old', { key: own, body: '1' });
    const { status, text } = await server.call('POST', 's/import?mode=replace', { key: own, body: exported });
    expect(status, text).to.equal(200);
    expect((await readdir(shared)).filter((name) => name.endsWith('.json'))).to.deep.equal(['one.json']);
  });

  /** An export of a project with the single entry `one`. */
  async function exportedOf(project: string): Promise<string> {
    await server.call('PUT', `${project}/values/one`, { key: server.projectKey, body: 'x' });
    return (await server.call('GET', `${project}/export`, { key: server.projectKey })).text;
  }
});
