import { expect } from 'chai';
import { RegistryProcess } from './registry-process.js';
import { REGISTRY_STORES, type RegistryStore } from './registry-stores.js';

for (const [engine, { missing, start }] of Object.entries(REGISTRY_STORES)) {
  const reason = await missing();
  const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

  describe(`Of servers that share a registry on ${engine}, one sweeps and takes snapshots${skipped}`, () => {
    let store: RegistryStore;
    const all: RegistryProcess[] = [];
    let system = '';
    before(async function () {
      if (reason !== undefined) this.skip();
      store = await start();
      const registry = { engine, options: { url: store.url } };
      for (const id of ['0', '1']) all.push(await RegistryProcess.start(registry, { node: { id } }));
      system = all[0]?.portkv.printed('SYSTEM_KEY') ?? '';
      const storage = { ...registry, snapshots: { every: '1s', keep: 1000 } };
      const made = await all[0]?.call('POST', '', system, { id: 'p', storage });
      expect(made?.status, made?.text).to.equal(201);
    });
    after(async () => {
      await Promise.all(all.map((server) => server.remove()));
      await store?.remove();
    });

    /** How many it has taken; whichever server that runs says so. */
    const countAt = async (server: RegistryProcess, asked = server): Promise<number> => {
      const { data } = await asked.call('GET', 'p/snapshots', system);
      return data.filter((it: { server: string }) => it.server === `${all.indexOf(server)}`).length;
    };
    /** Waits until it has taken more snapshots than it had. */
    const takesMore = async (server: RegistryProcess, more = 2) => {
      const before = await countAt(server);
      while ((await countAt(server)) < before + more) await pause();
    };
    /** The one that takes snapshots, and the other one. */
    const roles = async (): Promise<[RegistryProcess, RegistryProcess]> => {
      const [a, b] = all as [RegistryProcess, RegistryProcess];
      const before = [await countAt(a), await countAt(b)] as const;
      for (;;) {
        const now = [await countAt(a), await countAt(b)] as const;
        if (now[0] > before[0] + 1) return [a, b];
        if (now[1] > before[1] + 1) return [b, a];
        await pause();
      }
    };

    it('and no other one does', async () => {
      const [holder, other] = await roles();
      const before = await countAt(other);
      await takesMore(holder);
      expect(await countAt(other)).to.equal(before);
    });

    it('and another one after it was killed, also when it is back', async () => {
      const [holder, other] = await roles();
      await holder.kill();
      await takesMore(other);
      await holder.startAgain();
      const before = await countAt(holder);
      await takesMore(other);
      expect(await countAt(holder)).to.equal(before);
    });

    it('and another one while it is stopped, and it does nothing more when it goes on', async () => {
      const [holder, other] = await roles();
      const before = await countAt(holder);
      holder.portkv.kill('SIGSTOP');
      await takesMore(other);
      holder.portkv.kill('SIGCONT');
      await takesMore(other);
      expect(await countAt(holder)).to.be.at.most(before + 1, 'one may have begun before it was stopped');
    });

    it('and another one at once after it was stopped in good order', async () => {
      const [holder, other] = await roles();
      holder.portkv.kill('SIGTERM');
      await holder.portkv.end();
      await takesMore(other);
      await holder.startAgain();
    });
  });
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
