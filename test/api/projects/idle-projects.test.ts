import { readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { EventStreamReader } from '../../harness/event-stream-reader.js';
import { TestServer } from '../../harness/test-server.js';

const ENGINES = ['json-file', 'lmdb', 'directory'];

describe('A project whose files were closed for another one', () => {
  let server: TestServer;
  const keys = new Map<string, string>();

  before(async () => {
    server = await TestServer.start();
    await server.configure({ storage: { persistent_file_path: 'storage_data', max_open_projects: 1 } });
    for (const engine of ENGINES) {
      keys.set(engine, await server.project(engine, { storage: { engine }, limits: { max_keys: 3 } }));
    }
    keys.set('other', await server.project('other', { storage: { engine: 'json-file' } }));
  });
  after(() => server.stop());

  const call = (project: string, method: string, path: string, body?: string) =>
    server.call(method, `${project}/${path}`, {
      key: keys.get(project),
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'text/plain' } }),
    });
  /** Has another project opened, so that the files of all others are closed. */
  const closeOthers = () => call('other', 'PUT', 'values/x', 'y');

  /** Resolves when no file of the project is open: one that was watched is closed a moment later. */
  async function closed(project: string): Promise<void> {
    const prefix = join(server.folder, 'storage_data', project);
    for (;;) {
      await closeOthers();
      const handles = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
      if (!(await Promise.all(handles)).some((path) => path.startsWith(prefix))) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function sleepUntilGone(project: string, key: string): Promise<void> {
    while ((await call(project, 'GET', `values/${key}`)).status !== 404) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  for (const engine of ENGINES) {
    it(`keeps its entries, quota, expiry and change tokens: ${engine}`, async () => {
      const token = (await call(engine, 'GET', 'changes?wait=0')).json.data.since;
      await call(engine, 'PUT', 'values/a', '1');
      await call(engine, 'PUT', 'values/b?ttl=0.2', '2');
      await closeOthers();
      await closed(engine);
      expect((await call(engine, 'GET', 'values/a')).text).to.equal('1');
      await closed(engine);
      // Others may have changed a directory that was closed: its readers begin again.
      while (engine !== 'directory') {
        const { json } = await call(engine, 'GET', `changes?since=${token}&wait=0`);
        const found = json.data.changes.map((it: { event: string; key: string }) => `${it.event} ${it.key}`);
        expect(found.slice(0, 2)).to.deep.equal(['put a', 'put b']);
        if (found.at(-1) === 'expire b') break;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await sleepUntilGone(engine, 'b');
      await closeOthers();
      for (const key of ['c', 'd']) expect((await call(engine, 'PUT', `values/${key}`, '3')).status).to.equal(201);
      await closeOthers();
      expect((await call(engine, 'PUT', 'values/e', '4')).status).to.equal(507);
      expect((await call(engine, 'GET', 'export')).text.trim().split('\n')).to.have.length(5);
    });
  }

  it('reports what other programs do while a client waits for it', async () => {
    await closed('directory');
    const path = `${server.address}/api/v1/projects/directory/changes`;
    const reader = await EventStreamReader.open(path, keys.get('directory') as string);
    await reader.until('resync');
    await closeOthers();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const folder = join(server.folder, 'storage_data', 'directory');
    const [name = ''] = (await readdir(folder)).filter((it) => it.startsWith('a'));
    await rm(join(folder, name));
    // A `resync` that is due anyway may come in its place.
    const event = await reader.next();
    expect(['delete', 'resync']).to.include(event?.event);
    reader.close();
  });

  it('is unavailable if its file was damaged meanwhile, and is served again once it is repaired', async () => {
    await call('json-file', 'DELETE', 'values/c');
    await closed('json-file');
    const file = join(server.folder, 'storage_data', 'json-file_store.json');
    const content = await readFile(file);
    await writeFile(file, '{ "a": ');
    const { status, json } = await call('json-file', 'GET', 'values/a');
    expect([status, json.error.code]).to.deep.equal([503, 'unavailable']);
    expect((await call('json-file', 'PUT', 'values/a', 'new')).status).to.equal(503);
    const { json: readiness } = await server.call('GET', '/readyz');
    expect(readiness.unavailable['json-file']).to.contain('A file of the server is cut off');
    await writeFile(file, content);
    while ((await server.call('GET', '/readyz')).status !== 200) await new Promise((done) => setTimeout(done, 50));
    expect((await call('json-file', 'GET', 'values/a')).text).to.equal('1');
  });
});
