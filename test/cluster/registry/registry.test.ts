import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startServer } from '../../../src/composition/start-server.js';
import { runPortkv } from '../../harness/portkv-command.js';
import { RegistryProcess } from './registry-process.js';
import { REGISTRY_STORES, type RegistryStore } from './registry-stores.js';

for (const [engine, { missing, start }] of Object.entries(REGISTRY_STORES)) {
  const reason = await missing();
  const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

  describe(`Two servers that share a registry on ${engine}${skipped}`, () => {
    let store: RegistryStore;
    let [first, second]: (RegistryProcess | undefined)[] = [];
    let system = '';
    let key = '';
    const servers = () => [first, second] as [RegistryProcess, RegistryProcess];
    const registry = () => ({ engine, options: { url: store.url } });
    before(async function () {
      if (reason !== undefined) this.skip();
      store = await start();
      first = await RegistryProcess.start(registry());
      system = first.portkv.printed('SYSTEM_KEY');
      second = await RegistryProcess.start(registry());
    });
    after(async () => {
      await Promise.all([first?.remove(), second?.remove()]);
      await store?.remove();
    });

    it('have one system key, and serve a project as soon as one of them has made it', async () => {
      const [a, b] = servers();
      expect(b.portkv.printed('SYSTEM_KEY')).to.equal('');
      const made = await a.call('POST', '', system, { id: 'shared', storage: registry() });
      expect(made.status, made.text).to.equal(201);
      key = made.data.new_api_key;
      expect((await b.call('PUT', 'shared/values/k', key, 'at b')).status).to.equal(201);
      expect((await a.call('GET', 'shared/values/k', key)).text).to.equal('at b');
      expect((await b.call('POST', '', system, { id: 'shared', storage: registry() })).status).to.equal(400);
    });

    it('take over settings of each other before the change is answered', async () => {
      const [a, b] = servers();
      for (const [server, other, max_keys] of [
        [a, b, 1],
        [b, a, 1_000],
      ] as const) {
        expect((await server.call('PUT', 'shared', system, { limits: { max_keys } })).status).to.equal(200);
        const { data } = await other.call('GET', 'shared', system);
        expect(data.limits.max_keys).to.equal(max_keys);
      }
    });

    it('refuse a key from the moment when one of them has answered that it is revoked', async () => {
      const [a, b] = servers();
      for (let round = 0; round < 5; round++) {
        const [here, there] = round % 2 === 0 ? [a, b] : [b, a];
        const { data } = await here.call('POST', 'shared/api-keys', key, { name: 'reader', scopes: ['read'] });
        expect((await there.call('GET', 'shared/values/k', data.key)).status, 'made elsewhere').to.equal(200);
        expect((await here.call('DELETE', `shared/api-keys/${data.id}`, key)).status).to.equal(200);
        expect((await there.call('GET', 'shared/values/k', data.key)).status, 'revoked elsewhere').to.equal(401);
      }
      const rotated = await b.call('POST', 'shared/config/regenerate-api-key', system);
      expect((await a.call('GET', 'shared/values/k', key)).status).to.equal(401);
      key = rotated.data.new_api_key;
      expect((await a.call('GET', 'shared/values/k', key)).status).to.equal(200);
    });

    it('lose no write of one project that both write', async () => {
      const calls = servers().flatMap((server, i) =>
        Array.from({ length: 2 }, async (_, j) => {
          for (let n = 0; n < 8; n++) {
            expect((await server.call('POST', 'shared/store/n/increment', key, {})).status).to.be.oneOf([200, 201]);
            expect((await server.call('PUT', `shared/values/w/${i}/${j}/${n}`, key, 'x')).status).to.equal(201);
          }
        }),
      );
      await Promise.all(calls);
      for (const server of servers()) {
        expect((await server.call('GET', 'shared/values/n', key)).text).to.equal('32');
        const { data } = await server.call('GET', 'shared/store?prefix=w/&limit=500', key);
        expect(Object.keys(data.items)).to.have.length(32);
      }
    });

    it('serve the new data of a project that one of them has deleted and made again', async () => {
      const [a, b] = servers();
      const make = async () => {
        const made = await a.call('POST', '', system, { id: 'again', storage: registry() });
        expect(made.status, made.text).to.equal(201);
        return made.data.new_api_key as string;
      };
      const before = await make();
      expect((await b.call('PUT', 'again/values/old', before, 'x')).status).to.equal(201);
      expect((await a.call('DELETE', 'again', system)).status).to.equal(200);
      expect((await b.call('GET', 'again/values/old', before)).status).to.be.oneOf([401, 404]);
      const now = await make();
      expect((await b.call('GET', 'again/values/old', now)).status).to.equal(404);
      expect((await b.call('PUT', 'again/values/new', now, 'y')).status).to.equal(201);
      expect((await b.call('DELETE', 'again', system)).status).to.equal(200);
    });

    it('go on after the other one was killed, which comes back with what was changed', async () => {
      const [a, b] = servers();
      await b.kill();
      expect((await a.call('PUT', 'shared/values/k', key, 'alone')).status).to.equal(204);
      expect((await a.call('PUT', 'shared', system, { limits: { max_keys: 900 } })).status).to.equal(200);
      await b.startAgain();
      expect((await b.call('GET', 'shared/values/k', key)).text).to.equal('alone');
      expect((await b.call('GET', 'shared', system)).data.limits.max_keys).to.equal(900);
    });

    it('refuse requests while the registry does not answer, log one line, and serve again after it', async () => {
      const [a, b] = servers();
      await store.pause();
      for (const server of [a, b]) {
        while (!(await server.callOnce('GET', 'shared', system)).text.includes('registry has not answered'))
          await pause();
        expect(await server.readiness()).to.equal(503);
      }
      await store.goOn();
      for (const server of [a, b]) {
        expect((await server.call('GET', 'shared', system)).status).to.equal(200);
        expect(server.logged('until it answers')).to.equal(1);
      }
    });

    describe('and a start', () => {
      let folder = '';
      const startWith = async (own: object) => {
        await writeFile(join(folder, 'config.json'), JSON.stringify(own));
        const options = { config: join(folder, 'config.json'), port: 0, logLevel: 'error' };
        const server = await startServer(options, 'test').catch((error: Error) => error.message);
        if (typeof server === 'string') return server;
        await server.stop();
        return 'it started';
      };
      beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), 'portkv-'));
      });
      afterEach(() => rm(folder, { recursive: true, force: true }));

      it('checks the system key that the file has, and refuses what belongs to the registry', async () => {
        const withKey = (api_key: string) =>
          startWith({ system: { registry: registry(), authentication: { api_key } } });
        expect(await withKey('another')).to.include('not the system key of the registry');
        expect(await withKey(system)).to.equal('it started');
        const misplaced = { system: { registry: registry(), limits: {} }, projects: [{ id: 'p' }] };
        expect(await startWith(misplaced)).to.include('system.limits, projects belong to the registry');
      });

      it('is refused with the folder of another installation', async () => {
        const mine = { registry: registry() };
        expect(await startWith({ system: mine })).to.equal('it started');
        const file = join(folder, 'storage_data', 'remote-stores.portkv.json');
        await writeFile(file, JSON.stringify({ id: 'other' }));
        expect(await startWith({ system: mine })).to.include('another installation (other)');
      });

      it('is refused if the registry cannot be reached', async () => {
        const scheme = engine === 'etcd' ? 'http' : 'postgres';
        const url = `${scheme}://127.0.0.1:1${engine === 'etcd' ? '' : '/x'}`;
        expect(await startWith({ system: { registry: { engine, options: { url } } } })).to.include('the registry on ');
      });
    });

    it('have their projects in a file after an export, and another registry has them after an import', async () => {
      const [a, b] = servers();
      await b.kill();
      const file = join(a.folder, 'exported.json');
      const own = join(b.folder, 'config.json');
      const exported = await runPortkv(['registry', 'export', file, '--config', own]);
      expect(exported.code, exported.errors).to.equal(0);
      // As if it was the only server of that data folder; its registry is another one.
      const { system: exportedSystem, ...config } = JSON.parse(await readFile(file, 'utf8'));
      const storage = { persistent_file_path: join(b.folder, 'storage_data') };
      await writeFile(file, JSON.stringify({ ...config, system: { ...exportedSystem, storage } }));
      const options = engine === 'etcd' ? { prefix: 'other/' } : { schema: 'other' };
      const other = { engine, options: { url: store.url, ...options } };
      const { system: ownSystem } = JSON.parse(await readFile(own, 'utf8'));
      await writeFile(own, JSON.stringify({ system: { ...ownSystem, registry: other } }));
      const imported = await runPortkv(['registry', 'import', file, '--config', own, '--json']);
      expect(imported.out, imported.errors).to.equal(`${JSON.stringify({ file, projects: 1 })}\n`);
      expect((await runPortkv(['registry', 'import', file, '--config', own])).errors).to.include('already');
      await b.startAgain();
      expect((await b.call('GET', 'shared/values/k', key)).text).to.equal('alone');
      expect((await b.call('GET', 'shared', system)).status).to.equal(200);
    });

    it('keep what they have and refuse requests if the registry is of a later version, or was emptied', async () => {
      const [a] = servers();
      const documents = await store.open();
      const { revision, documents: before } = await documents.read();
      const newer = JSON.stringify({ ...JSON.parse(before.get('installation') ?? ''), format: 2 });
      let now = await documents.commit(revision, new Map([['installation', newer]]));
      const refused = async () => {
        while ((await a.callOnce('GET', 'shared', system)).status !== 503) await pause();
      };
      await refused();
      expect(a.logged('later version of PortKV (format 2)')).to.equal(1);
      const started = await RegistryProcess.start(registry()).catch(String);
      expect(started, 'a start').to.be.a('string').that.includes('later version of PortKV (format 2)');
      now = await documents.commit(now ?? 0, new Map([...before.keys()].map((name) => [name, undefined])));
      while (a.logged('was emptied') === 0) await pause();
      await refused();
      await documents.commit(now ?? 0, before);
      await documents.close();
      expect((await a.call('GET', 'shared/values/k', key)).text).to.equal('alone');
      expect(a.logged('was emptied')).to.equal(1);
    });
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
