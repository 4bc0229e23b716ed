import { expect } from 'chai';
import { runPortkv } from '../../harness/portkv-command.js';
import { RegistryProcess } from './registry-process.js';
import { REGISTRY_STORES, type RegistryStore } from './registry-stores.js';

for (const [engine, { missing, start }] of Object.entries(REGISTRY_STORES)) {
  const reason = await missing();
  const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

  describe(`Servers with names that share a registry on ${engine}${skipped}`, () => {
    let store: RegistryStore;
    let [first, second]: (RegistryProcess | undefined)[] = [];
    let system = '';
    const servers = () => [first, second] as [RegistryProcess, RegistryProcess];
    const registry = () => ({ engine, options: { url: store.url } });
    before(async function () {
      if (reason !== undefined) this.skip();
      store = await start();
      first = await RegistryProcess.start(registry(), { node: { id: 'a' } });
      system = first.portkv.printed('SYSTEM_KEY');
      second = await RegistryProcess.start(registry(), { node: { id: 'b', drain_seconds: 600 } });
    });
    after(async () => {
      await Promise.all([first?.remove(), second?.remove()]);
      await store?.remove();
    });

    const nodesAt = async (server: RegistryProcess) => {
      const { code, out, errors } = await runPortkv(['nodes', '--json', '--url', server.address, '--key', system]);
      expect(code, errors).to.equal(0);
      return JSON.parse(out) as Record<string, unknown>[];
    };
    const idsAt = async (server: RegistryProcess) => (await nodesAt(server)).map(({ id }) => id);

    it('list each other', async () => {
      const [a, b] = servers();
      for (const server of [a, b]) {
        // A server serves a moment before its next report says so.
        let nodes = await nodesAt(server);
        for (; nodes.some(({ state }) => state !== 'serving'); nodes = await nodesAt(server))
          await new Promise((resolve) => setTimeout(resolve, 50));
        expect(nodes.map(({ id, address, self }) => ({ id, address, self }))).to.deep.equal([
          { id: 'a', address: a.address, self: server === a },
          { id: 'b', address: b.address, self: server === b },
        ]);
        expect(nodes.map(({ state }) => state)).to.deep.equal(['serving', 'serving']);
        expect(nodes[0]?.revision).to.equal(nodes[1]?.revision).and.to.be.greaterThan(0);
      }
      const { out } = await runPortkv(['nodes', '--url', a.address, '--key', system]);
      expect(out).to.match(/^a +\S+ +http:\S+ +serving +\d+ +0\.\d s/m);
    });

    it('show which of them has the lease for maintenance', async () => {
      const [a, b] = servers();
      const leasesAt = async (server: RegistryProcess) => (await nodesAt(server)).map(({ leases }) => leases);
      while ((await leasesAt(a)).flat().length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
      expect((await leasesAt(a)).flat()).to.deep.equal(['maintenance']);
      expect(await leasesAt(b)).to.deep.equal(await leasesAt(a));
    });

    it('have their names in their metrics', async () => {
      const [, b] = servers();
      const metrics = await fetch(`${b.address}/metrics`, { headers: { authorization: `Bearer ${system}` } });
      expect(await metrics.text()).to.match(/^portkv_node_info\{node="b",version="\S+"\} 1$/m);
    });

    it('have each a name: the start of a second one with the same is refused in one line', async () => {
      const [a] = servers();
      const started = await RegistryProcess.start(registry(), { node: { id: 'a' } }).catch(String);
      expect(started).to.be.a('string').that.includes(`Another server, at ${a.address}, has the id a: give`);
      expect(await idsAt(a)).to.deep.equal(['a', 'b']);
    });

    it('have a name by themselves, which stays after a kill', async () => {
      const [a] = servers();
      const third = await RegistryProcess.start(registry());
      try {
        const [name] = (await idsAt(a)).filter((id) => id !== 'a' && id !== 'b');
        await third.kill();
        await third.startAgain();
        expect(await idsAt(a)).to.have.members(['a', 'b', name]);
      } finally {
        await third.remove();
      }
    });

    it('are not ready from SIGTERM on, serve for as long as they are asked to, and leave no report', async () => {
      const [a, b] = servers();
      b.portkv.kill('SIGTERM');
      while ((await b.readiness()) === 200) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await (await fetch(`${b.address}/readyz`)).json()).to.deep.include({ status: 'draining' });
      expect((await b.call('GET', '', system)).status).to.equal(200);
      while ((await nodesAt(a))[1]?.state !== 'draining') await new Promise((resolve) => setTimeout(resolve, 20));
      // A change reaches one that drains.
      const made = await a.call('POST', '', system, { id: 'late', storage: registry() });
      expect(made.status, made.text).to.equal(201);
      expect((await b.call('PUT', 'late/values/k', made.data.new_api_key, 'x')).status).to.equal(201);
      b.portkv.kill('SIGTERM');
      expect(await b.portkv.end()).to.equal(0);
      expect(b.logged('"node":"b"'), 'each line of its log').to.equal(b.logged('{')).and.to.be.greaterThan(0);
      const documents = await store.open();
      const { others } = await documents.report({ id: 'test', applied: 0, count: 1 });
      await documents.forget({ id: 'test', applied: 0, count: 1 });
      await documents.close();
      expect(others.map(({ about }) => about?.id)).to.not.include('b');
    });
  });
}
