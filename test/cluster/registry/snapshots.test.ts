import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { RegistryProcess } from './registry-process.js';
import { REGISTRY_STORES, type RegistryStore } from './registry-stores.js';

for (const [engine, { missing, start }] of Object.entries(REGISTRY_STORES)) {
  const reason = await missing();
  const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

  describe(`Snapshots of servers that share a registry on ${engine}${skipped}`, () => {
    let store: RegistryStore;
    let servers: RegistryProcess[] = [];
    let system = '';
    const storage = () => ({ engine, options: { url: store.url } });
    const both = () => servers as [RegistryProcess, RegistryProcess];
    before(async function () {
      if (reason !== undefined) this.skip();
      store = await start();
      const first = await RegistryProcess.start(storage(), { node: { id: 'a' } });
      servers = [first, await RegistryProcess.start(storage(), { node: { id: 'b' } })];
      system = first.portkv.printed('SYSTEM_KEY');
    });
    after(async () => {
      await Promise.all(servers.map((server) => server.remove()));
      await store?.remove();
    });

    const create = async (id: string, more: object = {}): Promise<string> => {
      const made = await servers[0]?.call('POST', '', system, { id, storage: { ...storage(), ...more } });
      expect(made?.status, made?.text).to.equal(201);
      return made?.data.new_api_key;
    };
    const take = async (server: RegistryProcess, project: string) => {
      const taken = await server.call('POST', `${project}/snapshots`, system);
      expect(taken.status, taken.text).to.equal(201);
      return taken.data as { id: string; server: string };
    };
    const listAt = async (server: RegistryProcess, project: string) =>
      (await server.call('GET', `${project}/snapshots`, system)).data as {
        id: string;
        server: string;
        created_at: number;
        reason: string;
      }[];
    const filesAt = async (server: RegistryProcess, project: string) => {
      const names = await readdir(join(server.folder, 'storage_data', 'snapshots.portkv', project)).catch(() => []);
      return names.filter((name) => name.endsWith('.ndjson.gz'));
    };

    it('are listed at every server with the one that has it, as soon as they are taken', async () => {
      const [a, b] = both();
      await create('listed');
      const taken = [await take(a, 'listed'), await take(b, 'listed'), await take(a, 'listed')];
      expect(taken.map(({ server }) => server)).to.deep.equal(['a', 'b', 'a']);
      for (const server of servers) {
        expect(await listAt(server, 'listed')).to.deep.equal(taken);
        for (const it of taken) {
          expect((await server.call('GET', `listed/snapshots/${it.id}`, system)).data).to.deep.equal(it);
        }
      }
    });

    it('are restored and verified where they are; the others name that server', async () => {
      const [a, b] = both();
      const key = await create('restored');
      await a.call('PUT', 'restored/values/k', key, 'then');
      const { id } = await take(a, 'restored');
      await b.call('PUT', 'restored/values/k', key, 'now');
      for (const action of ['restore', 'verify']) {
        const elsewhere = await b.callOnce('POST', `restored/snapshots/${id}/${action}`, system);
        expect(elsewhere.status).to.equal(503);
        expect(elsewhere.text).to.include("is kept at server 'a', which alone serves it");
        expect(JSON.parse(elsewhere.text).error.server).to.equal('a');
      }
      expect((await a.call('POST', `restored/snapshots/${id}/verify`, system)).status).to.equal(200);
      expect((await a.call('POST', `restored/snapshots/${id}/restore`, system)).status).to.equal(200);
      expect((await b.call('GET', 'restored/values/k', key)).text).to.equal('then');
    });

    it('are deleted at any server, and their files go, also while their server does not run', async () => {
      const [a, b] = both();
      await create('deleted');
      const [one, two, three] = [await take(a, 'deleted'), await take(a, 'deleted'), await take(b, 'deleted')];
      expect((await b.call('DELETE', `deleted/snapshots/${one.id}`, system)).status).to.equal(200);
      for (const server of servers) {
        expect((await listAt(server, 'deleted')).map(({ id }) => id)).to.deep.equal([two.id, three.id]);
        expect((await server.call('DELETE', `deleted/snapshots/${one.id}`, system)).status).to.equal(404);
      }
      while ((await filesAt(a, 'deleted')).length > 1) await pause();
      await a.kill();
      expect((await b.call('DELETE', `deleted/snapshots/${two.id}`, system)).status).to.equal(200);
      expect(await filesAt(a, 'deleted')).to.have.length(1);
      await a.startAgain();
      while ((await filesAt(a, 'deleted')).length > 0) await pause();
      for (const server of servers)
        expect((await listAt(server, 'deleted')).map(({ id }) => id)).to.deep.equal([three.id]);
    });

    it('go with their project, wherever they are, and are none of one that gets its name', async () => {
      const [a, b] = both();
      await create('gone');
      await take(a, 'gone');
      await take(b, 'gone');
      expect((await b.call('DELETE', 'gone', system)).status).to.equal(200);
      while ((await filesAt(a, 'gone')).length + (await filesAt(b, 'gone')).length > 0) await pause();

      await create('gone');
      await take(a, 'gone');
      await a.kill();
      expect((await b.call('DELETE', 'gone', system)).status).to.equal(200);
      const made = await b.call('POST', '', system, { id: 'gone', storage: storage() });
      expect(made.status, made.text).to.equal(201);
      await a.startAgain();
      expect(await listAt(a, 'gone')).to.deep.equal([]);
      expect(await filesAt(a, 'gone')).to.deep.equal([]);
      const { id } = await take(a, 'gone');
      for (const server of servers) expect((await listAt(server, 'gone')).map((it) => it.id)).to.deep.equal([id]);
    });

    it('are listed with those that a server had before it kept notes of them', async () => {
      const [a, b] = both();
      await create('older');
      const { id } = await take(a, 'older');
      const documents = await store.open();
      const { revision } = await documents.read();
      expect(await documents.commit(revision, new Map([['snapshots/older', undefined]]))).to.be.a('number');
      await documents.close();
      await a.kill();
      await a.startAgain();
      for (const server of [a, b]) expect((await listAt(server, 'older')).map((it) => it.id)).to.deep.equal([id]);
    });

    it('are as many as the settings keep, whichever server took them', async () => {
      const [a, b] = both();
      await create('routine', { snapshots: { every: '1s', keep: 3 } });
      const seen = new Set<string>();
      const takers = new Set<string>();
      const look = async (server: RegistryProcess) => {
        const all = await listAt(server, 'routine');
        // The next one is there before the oldest one goes; a server may be killed between both.
        expect(all.length).to.be.at.most(5);
        for (const it of all) seen.add(it.id);
        for (const it of all) takers.add(it.server);
      };
      while (seen.size < 4) await look(a).then(pause);
      const holder = takers.has('a') ? a : b;
      const other = holder === a ? b : a;
      await holder.kill();
      while (takers.size < 2 || seen.size < 9) await look(other).then(pause);
      await holder.startAgain();
      const left = (await listAt(other, 'routine')).length;
      expect(left).to.be.within(3, 4);
      while ((await filesAt(a, 'routine')).length + (await filesAt(b, 'routine')).length > 4) await pause();
    }).timeout(120_000);
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
