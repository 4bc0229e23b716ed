import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { open, type PortkvStore } from '../../../src/library.js';
import { ServerProcess } from '../../faults/harness/server/server-process.js';
import { ServerFolder } from '../../faults/harness/server-folder.js';
import { TestServer } from '../../harness/test-server.js';

describe('A migration while another program writes to the shared folder', () => {
  let server: TestServer;
  let key: string;
  let theirs: PortkvStore;

  beforeEach(async () => {
    server = await TestServer.start();
    const shared = join(server.folder, 'storage_data', 'shared');
    await mkdir(shared);
    theirs = await open({ engine: 'directory', path: join(server.folder, 'theirs'), options: { path: shared } });
  });
  afterEach(async () => {
    await theirs.close();
    await server.stop();
  });

  /** Migrates the project; resolves with the final state, and the reason of a failure. */
  async function move(storage: object, meanwhile = async () => {}): Promise<{ state: string; error?: string }> {
    const begun = await server.call('PUT', 'p', { key: server.systemKey, body: JSON.stringify({ storage }) });
    if (begun.status !== 202) return { state: String(begun.status), error: begun.json.message };
    await meanwhile();
    for (;;) {
      const { json } = await server.call('GET', begun.headers.get('location') ?? '', { key: server.systemKey });
      if (json.data.state !== 'copying') return json.data;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  it('away from it copies everything that was written before an entry that it copied', async () => {
    key = await server.project('p', { storage: { engine: 'directory', options: { path: 'shared' } } });
    for (let i = 0; i < 300; i++) await theirs.put(`filled-${i}`, i);
    let running = true;
    let last = 0;
    const writing = (async () => {
      for (; running; last++) {
        // After and before the position of the copy.
        await theirs.put(`new-${String(last).padStart(6, '0')}`, last);
        await theirs.put(`filled-${last % 300}`, last + 1000);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await move({ engine: 'lmdb', options: {} })).to.include({ state: 'done' });
    running = false;
    await writing;
    const { json } = await server.call('GET', 'p/store', { key });
    const entries = json.data as Record<string, { value: number }>;
    const taken = Object.keys(entries).filter((name) => name.startsWith('new-')).length;
    expect(taken).to.be.within(1, last);
    for (let i = 0; i < taken; i++) expect(entries[`new-${String(i).padStart(6, '0')}`]?.value).to.equal(i);
    // What was written before the last copied entry has its value of then, or a later one.
    for (let i = Math.max(0, taken - 300); i < taken - 1; i++) {
      expect(entries[`filled-${i % 300}`]?.value, `filled-${i % 300}`).to.be.at.least(i + 1000);
    }
  }).timeout(120_000);

  it('into it is refused if it has entries; a failed one undoes the copy and loses nothing', async () => {
    key = await server.project('p');
    for (let page = 0; page < 4; page++) {
      const operations = Array.from({ length: 500 }, (_, i) => ({ put: { key: `key-${page}-${i}`, text: 'mine' } }));
      await server.call('POST', 'p/transactions', { key, body: JSON.stringify({ operations }) });
    }
    await theirs.put('theirs', 1);
    const storage = { engine: 'directory', options: { path: 'shared' } };
    const refused = await move(storage);
    expect(refused.state, refused.error).to.equal('409');
    await theirs.delete('theirs');
    const { state, error } = await move(storage, async () => {
      for (let i = 0; i < 50; i++) await theirs.put(`theirs-${i}`, i);
    });
    expect(state, error).to.equal('failed');
    expect((await server.call('GET', 'p/store?count=only', { key })).json.data.count).to.equal(2000);
    expect((await server.call('GET', 'p', { key })).json.data.storage.engine).to.equal('json-file');
    const all = (await readdir(join(server.folder, 'storage_data', 'shared'))).filter((name) => name.endsWith('.json'));
    expect(all.sort()).to.deep.equal(Array.from({ length: 50 }, (_, i) => `theirs-${i}.json`).sort());
    expect((await theirs.get('theirs-49'))?.value).to.equal(49);
    await theirs.clear();
    expect(await move(storage), 'once it is empty').to.include({ state: 'done' });
  }).timeout(120_000);

  it('into it that is killed undoes only the copy at the next start', async () => {
    const subject = { id: 'p', engine: 'json-file', durable: true, encrypted: false };
    const serverFolder = await ServerFolder.make([subject]);
    const shared = join(serverFolder.data, 'shared');
    const files = async () => (await readdir(shared)).filter((name) => name.endsWith('.json'));
    const first = await ServerProcess.start(serverFolder);
    await mkdir(shared);
    for (let page = 0; page < 4; page++) {
      const operations = Array.from({ length: 500 }, (_, i) => ({ put: { key: `key-${page}-${i}`, text: 'mine' } }));
      const headers = { 'content-type': 'application/json' };
      await first.send('POST', 'p/transactions', { body: JSON.stringify({ operations }), headers });
    }
    await first.kill();
    const config = JSON.parse(await readFile(serverFolder.config, 'utf8'));
    config.projects[0].storage = { engine: 'directory', options: { path: 'shared' } };
    await writeFile(serverFolder.config, JSON.stringify(config));
    const killed = ServerProcess.launch(serverFolder);
    while ((await files()).length < 300) await new Promise((resolve) => setTimeout(resolve, 1));
    await killed.kill();
    await writeFile(join(shared, 'theirs.json'), '{"theirs": {"value": 1}}');

    const again = await ServerProcess.start(serverFolder);
    await again.ready();
    expect(await files()).to.deep.equal(['theirs.json']);
    const states = async (server: ServerProcess) =>
      (await server.send('GET', 'p/migrations')).json.data.map(({ state }: { state: string }) => state);
    expect(await states(again), 'the second one because of the other entry').to.deep.equal(['failed', 'failed']);
    expect((await again.send('GET', 'p/store?count=only')).json.data.count).to.equal(2000);
    await again.kill();
    await rm(join(shared, 'theirs.json'));
    const last = await ServerProcess.start(serverFolder);
    await last.ready(60_000);
    expect(await states(last)).to.deep.equal(['failed', 'failed', 'done']);
    expect(await files()).to.have.length(2000);
    await last.kill();
    await serverFolder.remove();
  }).timeout(120_000);
});
