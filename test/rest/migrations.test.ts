import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { engineNames } from '../../src/infrastructure/storage/engines.js';
import { AWKWARD_KEYS } from '../contract/store-fixture.js';
import { type Answer, TestServer } from './test-server.js';

describe('A change of engine', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  const set = (project: string, storage: object) =>
    server.call('PUT', project, { key: server.systemKey, body: JSON.stringify({ storage }) });

  /** The record of a move at its end. */
  async function ended({ status, text, headers }: Answer): Promise<Answer['json']> {
    expect(status, text).to.equal(202);
    for (;;) {
      const { json } = await server.call('GET', headers.get('location') ?? '', { key: server.systemKey });
      if (json.data.state !== 'copying') return json.data;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async function many(project: string, key: string, count: number): Promise<void> {
    for (let at = 0; at < count; at += 500) {
      const operations = Array.from({ length: 500 }, (_, i) => ({ put: { key: `key-${at + i}`, text: 'value' } }));
      await server.call('POST', `${project}/transactions`, { key, body: JSON.stringify({ operations }) });
    }
  }

  async function content(project: string, key: string): Promise<Map<string, string>> {
    const { text } = await server.call('GET', `${project}/export`, { key });
    const lines = text.trim().split('\n').slice(1, -1);
    return new Map(lines.map((line) => [JSON.parse(line).key as string, line]));
  }

  for (const from of engineNames) {
    it(`keeps every byte, type, version and expiry, from ${from} to each other and back`, async () => {
      const project = `from-${from}`;
      const key = await server.project(project, { storage: { engine: from } });
      const path = (name: string) => `${project}/values?key=${encodeURIComponent(name)}`;
      for (const name of AWKWARD_KEYS) await server.call('PUT', path(name), { key, body: name });
      const bytes = Buffer.from(Array.from({ length: 4096 }, (_, i) => i % 256));
      const headers = { 'content-type': 'application/x-own; a="b"' };
      await server.call('PUT', `${project}/values/bytes?ttl=1000`, { key, body: bytes, headers });
      await server.call('PUT', `${project}/values/large`, { key, body: Buffer.alloc(16 * 1024 * 1024, 'x') });
      await server.call('PUT', `${project}/values/exact`, { key, body: '106242075399214372653' });
      const before = await content(project, key);
      expect(before.size).to.equal(AWKWARD_KEYS.length + 3);
      for (const to of engineNames.filter((name) => name !== from)) {
        for (const next of [to, from]) {
          const moved = await ended(await set(project, { engine: next }));
          expect(moved, moved.error).to.include({ state: 'done', copied: before.size, to: next });
          expect(await content(project, key), next).to.deep.equal(before);
        }
      }
      await server.call('PUT', `${project}/values/bytes`, { key, body: 'new' });
      const old = JSON.parse(before.get('bytes') as string).version as string;
      const etag = (await server.call('GET', `${project}/values/bytes`, { key })).headers.get('etag') as string;
      expect(Number.parseInt(etag.slice(1, -1), 36)).to.be.greaterThan(Number.parseInt(old, 36));
    }).timeout(60_000);
  }

  it('to the same engine moves nothing', async () => {
    await server.project('same');
    const { status, headers } = await set('same', { engine: 'json-file' });
    expect(status).to.equal(200);
    expect(headers.get('location')).to.equal(null);
    expect((await set('same', { on_disk: true })).status).to.equal(200);
  });

  it('is refused while another one runs, with the address of that', async () => {
    const key = await server.project('busy');
    await many('busy', key, 5_000);
    const first = await set('busy', { engine: 'directory' });
    const second = await set('busy', { engine: 'lmdb' });
    expect(second.status, second.text).to.equal(409);
    expect(second.text).to.include(new URL(first.headers.get('location') ?? '', server.address).pathname);
    expect((await ended(first)).state).to.equal('done');
    expect((await content('busy', key)).size).to.equal(5_000);
  }).timeout(60_000);

  it('takes no longer a pause where a look at all files takes long', async () => {
    const key = await server.project('files', { storage: { engine: 'directory' } });
    await many('files', key, 12_000);
    const { state, copied, pause_ms } = await ended(await set('files', { engine: 'lmdb' }));
    expect({ state, copied }).to.deep.equal({ state: 'done', copied: 12_000 });
    expect(pause_ms).to.be.below(1_000);
  }).timeout(60_000);

  it('is refused with all that is wrong before anything is touched', async () => {
    const key = await server.project('refused');
    await server.call('PUT', 'refused/values/a', { key, body: '1' });
    const wrong = await set('refused', {
      engine: 'lmdb',
      options: { commit_timeout: -1, check_timeout: 'x', more: 1 },
    });
    expect(wrong.status, wrong.text).to.equal(400);
    for (const name of ['commit_timeout', 'check_timeout', 'more']) expect(wrong.text).to.include(name);
    expect((await set('refused', { engine: 'lmbd' })).status).to.equal(400);
    expect(
      (await set('refused', { engine: 'directory', options: { path: 'no/such/../../../../out' } })).status,
    ).to.equal(400);
    expect((await server.call('GET', 'refused', { key })).json.data.storage.engine).to.equal('json-file');
    expect((await server.call('GET', 'refused/values/a', { key })).text).to.equal('1');
  });

  it('is taken back while nothing was written since, and not after that', async () => {
    const key = await server.project('back');
    await server.call('PUT', 'back/values/a', { key, body: '1' });
    const rollBack = async (id: string): Promise<Answer> => {
      const answer = await server.call('POST', `back/migrations/${id}/rollback`, { key });
      // What was left is being closed.
      return answer.text.includes('try again') ? rollBack(id) : answer;
    };
    const first = await ended(await set('back', { engine: 'lmdb' }));
    const back = await rollBack(first.id);
    expect(back.status, back.text).to.equal(200);
    expect((await server.call('GET', 'back', { key })).json.data.storage.engine).to.equal('json-file');
    expect((await server.call('GET', 'back/values/a', { key })).text).to.equal('1');
    expect((await rollBack(first.id)).status).to.equal(409);
    const second = await ended(await set('back', { engine: 'lmdb' }));
    await server.call('PUT', 'back/values/a', { key, body: '2' });
    expect((await rollBack(second.id)).status).to.equal(409);
    expect((await server.call('GET', 'back/values/a', { key })).text).to.equal('2');
  });

  it('keeps what was left for as long as the settings say, and then removes it', async () => {
    const key = await server.project('kept', { storage: { engine: 'json-file', keep_old_for: '1s' } });
    await server.call('PUT', 'kept/values/a', { key, body: '1' });
    const files = async () =>
      (await readdir(join(server.folder, 'storage_data'))).filter((it) => it.startsWith('kept_store'));
    await ended(await set('kept', { engine: 'lmdb' }));
    expect(await files()).not.to.deep.equal([]);
    await server.call('DELETE', 'kept/store?prefix=', { key });
    await server.call('DELETE', 'kept/store', { key });
    expect(await files(), 'after all was deleted').not.to.deep.equal([]);
    await server.call('PUT', 'kept/values/a', { key, body: '1' });
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(await files()).to.deep.equal([]);
    expect((await server.call('GET', 'kept/values/a', { key })).text).to.equal('1');
  });

  it('is none where only options change that say nothing of where the data is, in the configuration at the start', async () => {
    await mkdir(join(server.folder, 'storage_data', 'shared'));
    const key = await server.project('tuned', { storage: { engine: 'directory', options: { path: 'shared' } } });
    await server.call('PUT', 'tuned/values/a', { key, body: '1' });
    const file = join(server.folder, 'config.json');
    await server.restart(async () => {
      const config = JSON.parse(await readFile(file, 'utf8'));
      config.projects.at(-1).storage.options.read_only = true;
      await writeFile(file, JSON.stringify(config));
    });
    expect((await server.call('PUT', 'tuned/values/a', { key, body: '2' })).status).to.equal(403);
    expect((await server.call('GET', 'tuned/values/a', { key })).text).to.equal('1');
  });

  it('that stands in the configuration at the start happens before the project is served', async () => {
    const key = await server.project('edited');
    await server.call('PUT', 'edited/values/a?ttl=1000', { key, body: '1' });
    const before = await content('edited', key);
    const file = join(server.folder, 'config.json');
    await server.restart(async () => {
      const config = JSON.parse(await readFile(file, 'utf8'));
      config.projects.find(({ id }: { id: string }) => id === 'edited').storage = { engine: 'directory' };
      await writeFile(file, JSON.stringify(config));
    });
    expect(await content('edited', key)).to.deep.equal(before);
    expect(await readdir(join(server.folder, 'storage_data', 'edited.2'))).to.include('a.json');
  });
});
