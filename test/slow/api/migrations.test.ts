import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { tryLock } from 'fs-native-extensions';
import { localEngineNames } from '../../../src/infrastructure/storage/engines/registry.js';
import { ENGINE_FIXTURES } from '../../contract/engine-fixtures.js';
import { AWKWARD_KEYS } from '../../contract/store-fixture.js';
import { type TestResponse, TestServer } from '../../harness/test-server.js';

describe('A change of engine', () => {
  let server: TestServer;
  before(async () => {
    server = await TestServer.start();
  });
  after(() => server.stop());

  const set = (project: string, storage: object) =>
    server.call('PUT', project, { key: server.systemKey, body: JSON.stringify({ storage }) });

  /** Resolves with the record of a migration when it has ended. */
  async function ended({ status, text, headers }: TestResponse): Promise<TestResponse['json']> {
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

  for (const from of localEngineNames) {
    it(`keeps every byte, type, version, expiry and metadata, from ${from} to each other engine and back`, async () => {
      const project = `from-${from}`;
      const key = await server.project(project, { storage: { engine: from } });
      const path = (name: string) => `${project}/values?key=${encodeURIComponent(name)}`;
      for (const [i, name] of AWKWARD_KEYS.entries()) {
        const headers: Record<string, string> = i % 2 === 0 ? { 'kv-meta': `{"n":${i}.0,"owner":"Zo\\u00eb"}` } : {};
        await server.call('PUT', path(name), { key, body: name, headers });
      }
      const bytes = Buffer.from(Array.from({ length: 4096 }, (_, i) => i % 256));
      const headers = { 'content-type': 'application/x-own; a="b"' };
      await server.call('PUT', `${project}/values/bytes?ttl=1000`, { key, body: bytes, headers });
      await server.call('PUT', `${project}/values/large`, { key, body: Buffer.alloc(16 * 1024 * 1024, 'x') });
      await server.call('PUT', `${project}/values/exact`, { key, body: '106242075399214372653' });
      const before = await content(project, key);
      expect(before.size).to.equal(AWKWARD_KEYS.length + 3);
      expect(before.get(AWKWARD_KEYS[0] as string)).to.include('"meta":{"n":0.0,"owner":"Zoë"}');
      for (const to of localEngineNames.filter((name) => name !== from)) {
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

  it('to the same engine does nothing', async () => {
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

  it('does not pause writers for longer if listing the files takes long', async () => {
    const key = await server.project('files', { storage: { engine: 'directory' } });
    await many('files', key, 12_000);
    const { state, copied, pause_ms } = await ended(await set('files', { engine: 'lmdb' }));
    expect({ state, copied }).to.deep.equal({ state: 'done', copied: 12_000 });
    expect(pause_ms).to.be.below(1_000);
  }).timeout(60_000);

  it('is refused with everything that is wrong with it, before anything is changed', async () => {
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

  describe('is remembered', () => {
    const records = async (project: string): Promise<TestResponse['json'][]> =>
      (await server.call('GET', `${project}/migrations`, { key: server.systemKey })).json.data;

    const rollBack = (project: string, id: string): Promise<TestResponse> =>
      server.call('POST', `${project}/migrations/${id}/rollback`, { key: server.systemKey });

    const engineOf = async (project: string): Promise<string> =>
      (await server.call('GET', project, { key: server.systemKey })).json.data.storage.engine;

    async function editConfig(project: string, storage: object): Promise<void> {
      await server.restart(async () => {
        const file = join(server.folder, 'config.json');
        const config = JSON.parse(await readFile(file, 'utf8'));
        config.projects.find(({ id }: { id: string }) => id === project).storage = storage;
        await writeFile(file, JSON.stringify(config));
      });
      // A start does not wait for a long migration.
      while ((await server.call('GET', '/readyz')).status !== 200) await new Promise((done) => setTimeout(done, 20));
    }

    it('and can be rolled back while the store that it left is still being closed', async () => {
      const key = await server.project('closing');
      await many('closing', key, 20_000);
      const { id } = await ended(await set('closing', { engine: 'memory' }));
      const { status, text } = await rollBack('closing', id);
      expect(status, text).to.equal(200);
      expect((await content('closing', key)).size).to.equal(20_000);
    }).timeout(60_000);

    for (const [name, between] of [
      ['at once', async () => undefined],
      ['across restarts', () => server.restart()],
    ] as const) {
      it(`and can be rolled back until the next write, ${name}`, async () => {
        const durable = localEngineNames.filter((engine) => ENGINE_FIXTURES[engine].durable);
        const projects = durable.map((from) => {
          const to = from === 'lmdb' ? 'json-file' : 'lmdb';
          return {
            from,
            to,
            project: `${from}-${name.replaceAll(' ', '-')}`,
            key: '',
            moves: [] as TestResponse['json'][],
          };
        });
        for (const it of projects) {
          it.key = await server.project(it.project, { storage: { engine: it.from } });
          await server.call('PUT', `${it.project}/values/a`, { key: it.key, body: '1' });
          it.moves.push(await ended(await set(it.project, { engine: it.to })));
        }
        await between();
        for (const { project, from, key, moves } of projects) {
          expect(await records(project)).to.deep.equal(moves);
          const back = await rollBack(project, moves[0].id);
          expect(back.status, back.text).to.equal(200);
          moves[0] = { ...moves[0], rolled_back: true };
          expect(await engineOf(project)).to.equal(from);
          expect((await server.call('GET', `${project}/values/a`, { key })).text).to.equal('1');
        }
        await between();
        for (const { project, to, key, moves } of projects) {
          expect(await records(project)).to.deep.equal(moves);
          expect((await rollBack(project, moves[0].id)).status).to.equal(409);
          moves.push(await ended(await set(project, { engine: to })));
          await server.call('PUT', `${project}/values/a`, { key, body: '2' });
        }
        await between();
        for (const { project, to, key, moves } of projects) {
          expect((await rollBack(project, moves[1].id)).status).to.equal(409);
          expect(await engineOf(project)).to.equal(to);
          expect((await server.call('GET', `${project}/values/a`, { key })).text).to.equal('2');
          expect(await records(project)).to.deep.equal(moves);
        }
      });
    }

    it('and cannot be rolled back to memory', async () => {
      const key = await server.project('volatile', { storage: { engine: 'memory' } });
      await server.call('PUT', 'volatile/values/a', { key, body: '1' });
      const { id } = await ended(await set('volatile', { engine: 'lmdb' }));
      expect((await rollBack('volatile', id)).status).to.equal(409);
      expect((await server.call('GET', 'volatile/values/a', { key })).text).to.equal('1');
      expect(await engineOf('volatile')).to.equal('lmdb');
    });

    it('also if the configuration was edited, with its pause, and can be rolled back', async () => {
      const key = await server.project('by-hand');
      await server.call('PUT', 'by-hand/values/a', { key, body: '1' });
      await editConfig('by-hand', { engine: 'directory' });
      const [migration] = await records('by-hand');
      expect(migration).to.include({ from: 'json-file', to: 'directory', state: 'done', copied: 1, total: 1 });
      expect(migration.pause_ms).to.be.a('number');
      expect((await rollBack('by-hand', migration.id)).status).to.equal(200);
      expect(await engineOf('by-hand')).to.equal('json-file');
      await server.restart();
      expect(await records('by-hand'), 'nothing moves forward again').to.have.length(1);
      expect((await server.call('GET', 'by-hand/values/a', { key })).text).to.equal('1');
    });

    it('as failed if the configuration asks for something impossible', async () => {
      const key = await server.project('impossible');
      await server.call('PUT', 'impossible/values/a', { key, body: '1' });
      const shared = join(server.folder, 'storage_data', 'not-empty');
      await mkdir(shared);
      await writeFile(join(shared, 'other.json'), '{"other": {"value": "of others"}}');
      await editConfig('impossible', { engine: 'directory', options: { path: 'not-empty' } });
      const [migration] = await records('impossible');
      expect(migration).to.include({ from: 'json-file', to: 'directory', state: 'failed' });
      expect(migration.error).to.include('entries already');
      expect((await server.call('GET', 'impossible/values/a', { key })).text).to.equal('1');
      await editConfig('impossible', { engine: 'json-file' });
    });

    it('as failed if a stop interrupted it, and is done at the next start', async () => {
      const key = await server.project('stopped');
      await many('stopped', key, 5_000);
      const { status } = await set('stopped', { engine: 'directory' });
      expect(status).to.equal(202);
      await server.restart();
      for (;;) {
        const last = (await records('stopped')).at(-1);
        if (last.state === 'done') break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const [first, second] = await records('stopped');
      expect(first).to.include({ state: 'failed', error: 'The server was stopped before the switch' });
      expect(second).to.include({ state: 'done', copied: 5_000 });
    }).timeout(60_000);

    it('as failed, with the reason, if the process was killed before the switch', async () => {
      const key = await server.project('killed');
      await server.call('PUT', 'killed/values/a', { key, body: '1' });
      const done = await ended(await set('killed', { engine: 'lmdb' }));
      const placement = join(server.folder, 'storage_data', 'killed.placement.json');
      await server.restart(async () => {
        const text = await readFile(placement, 'utf8');
        const { migrations, ...rest } = JSON.parse(text);
        const begun = { id: 'x', from: 'lmdb', to: 'memory', state: 'copying', copied: 0, total: 0, started_at_ms: 1 };
        await writeFile(placement, JSON.stringify({ ...rest, migrations: [...migrations, begun] }));
      });
      const [before, failed] = await records('killed');
      expect(before).to.deep.equal(done);
      expect(failed).to.include({ state: 'failed', to: 'memory' });
      expect(failed.error).to.include('ended before the switch');
      expect((await rollBack('killed', 'x')).status).to.equal(409);
      expect((await rollBack('killed', done.id)).status, 'the last one that is done').to.equal(200);
    });

    it('until its project is deleted: a new one of that name has none', async () => {
      await server.project('again');
      await ended(await set('again', { engine: 'lmdb' }));
      expect((await server.call('DELETE', 'again', { key: server.systemKey })).status).to.equal(200);
      await server.project('again');
      expect(await records('again')).to.deep.equal([]);
      await server.restart();
      expect(await records('again')).to.deep.equal([]);
    });

    it('with the nineteen before it', async () => {
      await server.project('often', { storage: { engine: 'json-file', keep_old_for: '0s' } });
      const all = [];
      for (let i = 0; i < 21; i++) {
        all.push(await ended(await set('often', { engine: i % 2 === 0 ? 'memory' : 'json-file' })));
      }
      await server.restart();
      expect(await records('often')).to.deep.equal(all.slice(1));
    }).timeout(60_000);
  });

  it('keeps the former data for as long as the settings say, and then removes it', async () => {
    const key = await server.project('kept', { storage: { engine: 'json-file', keep_old_for: '1s' } });
    await server.call('PUT', 'kept/values/a', { key, body: '1' });
    const files = async () =>
      (await readdir(join(server.folder, 'storage_data'))).filter((it) => it.startsWith('kept_store'));
    await ended(await set('kept', { engine: 'lmdb' }));
    expect(await files()).not.to.deep.equal([]);
    await server.call('DELETE', 'kept/store?prefix=', { key });
    await server.call('DELETE', 'kept/store', { key });
    expect(await files(), 'after all entries were deleted').not.to.deep.equal([]);
    await server.call('PUT', 'kept/values/a', { key, body: '1' });
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(await files()).to.deep.equal([]);
    expect((await server.call('GET', 'kept/values/a', { key })).text).to.equal('1');
  });

  describe('is not needed if only options change that do not concern the place of the data:', () => {
    const status = async (key: string, name = 'a') =>
      (await server.call('PUT', `tuned/values/${name}`, { key, body: '2' })).status;

    it('in the configuration at the start', async () => {
      await mkdir(join(server.folder, 'storage_data', 'shared'));
      const key = await server.project('tuned', { storage: { engine: 'directory', options: { path: 'shared' } } });
      await server.call('PUT', 'tuned/values/a', { key, body: '1' });
      const file = join(server.folder, 'config.json');
      await server.restart(async () => {
        const config = JSON.parse(await readFile(file, 'utf8'));
        config.projects.at(-1).storage.options.read_only = true;
        await writeFile(file, JSON.stringify(config));
      });
      expect(await status(key)).to.equal(403);
      expect((await server.call('GET', 'tuned/values/a', { key })).text).to.equal('1');

      const writable = await set('tuned', { options: { path: 'shared', read_only: false } });
      expect(writable.status, `by API, from then on: ${writable.text}`).to.equal(200);
      expect(await status(key, 'b')).to.equal(201);
      expect((await set('tuned', { options: { path: 'shared', read_only: true } })).status).to.equal(200);
      expect(await status(key, 'b')).to.equal(403);
      expect((await server.call('GET', 'tuned/values/b', { key })).text).to.equal('2');
      expect((await server.call('GET', 'tuned/migrations', { key })).json.data).to.deep.equal([]);
      expect((await set('tuned', { options: { path: 'shared', read_only: 'x' } })).status).to.equal(400);
      await server.restart();
      expect(await status(key)).to.equal(403);
    });

    it('by API, while a write waits for a lock', async () => {
      const put = async (project: string) => {
        const key = await server.project(project, { storage: { engine: 'directory' } });
        await server.call('PUT', `${project}/values/a`, { key, body: '1' });
        const lock = await open(join(server.folder, 'storage_data', project, '.portkv', 'lock'), 'r+');
        expect(tryLock(lock.fd)).to.equal(true);
        return { lock, again: () => server.call('PUT', `${project}/values/a`, { key, body: '2' }) };
      };
      const [waits, tuned] = [await put('waits'), await put('waits-less')];
      expect((await set('waits-less', { options: { commit_timeout: 0.2 } })).status).to.equal(200);
      const [long, short] = [waits.again(), tuned.again()];
      expect(await Promise.race([long.then(() => 'long'), short.then(() => 'short')])).to.equal('short');
      expect((await short).status).to.equal(503);
      await Promise.all([waits.lock.close(), tuned.lock.close()]);
      expect((await long).status).to.equal(204);
    });

    it('by API, while a journal grows', async () => {
      const key = await server.project('folds', { storage: { engine: 'json-file' } });
      const inFile = async () =>
        Object.keys(JSON.parse(await readFile(`${server.folder}/storage_data/folds_store.json`, 'utf8')));
      await server.call('PUT', 'folds/values/a', { key, body: '1' });
      expect(await inFile()).to.deep.equal([]);
      expect((await set('folds', { options: { journal_bytes: 1 } })).status).to.equal(200);
      while ((await inFile()).length === 0) await server.call('PUT', 'folds/values/b', { key, body: '2' });
    });

    it('by API, on each engine, and kept for the next start', async () => {
      const durable = localEngineNames.filter((engine) => ENGINE_FIXTURES[engine].durable);
      for (const engine of durable) {
        await server.project(`tuned-${engine}`, { storage: { engine } });
        const { status, text } = await set(`tuned-${engine}`, { options: { commit_timeout: 20 } });
        expect(status, `${engine} ${text}`).to.equal(200);
      }
      await server.restart();
      for (const engine of durable) {
        const text = await readFile(join(server.folder, 'storage_data', `tuned-${engine}.placement.json`), 'utf8');
        expect(JSON.parse(text)).to.deep.include({ options: { commit_timeout: 20 }, generation: 1 });
        expect(
          (await server.call('GET', `tuned-${engine}/migrations`, { key: server.systemKey })).json.data,
        ).to.deep.equal([]);
      }
    });
  });

  it('that is in the configuration at the start happens before the project is served', async () => {
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
