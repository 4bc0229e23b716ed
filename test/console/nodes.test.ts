import { expect } from 'chai';
import { type EtcdCluster, missingEtcd, startEtcd } from '../cluster/etcd-server.js';
import { RegistryProcess } from '../cluster/registry/registry-process.js';
import { seriousFindings } from './harness/accessibility.js';
import { ConsolePage, type Size } from './harness/console-browser.js';

const reason = await missingEtcd();

describe(`Servers that share a registry, in the console${reason === undefined ? '' : `, skipped: ${reason}`}`, () => {
  let etcd: EtcdCluster;
  let servers: RegistryProcess[] = [];
  const three = () => servers as [RegistryProcess, RegistryProcess, RegistryProcess];
  before(async function () {
    if (reason !== undefined) this.skip();
    etcd = await startEtcd();
    const registry = { engine: 'etcd', options: { url: etcd.url } };
    for (const id of ['kv-a', 'kv-b', 'kv-c'])
      servers = [...servers, await RegistryProcess.start(registry, { node: { id } })];
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.remove()));
    await etcd?.remove();
  });

  for (const size of ['wide', 'narrow'] as Size[]) {
    it(`are in a table, with the one that was killed (${size})`, async () => {
      const [a, b, c] = three();
      const tab = await ConsolePage.open(a.address, { size, path: 'server' });
      const { page } = tab;
      await tab.signIn(a.portkv.printed('SYSTEM_KEY'));
      const row = (name: string) =>
        page.locator('.nodes tr').filter({ has: page.getByRole('rowheader', { name, exact: false }) });
      await row('kv-a').filter({ hasText: 'answers this page' }).filter({ hasText: a.address }).waitFor();
      await row('kv-b').filter({ hasText: 'serving' }).filter({ hasText: b.address }).waitFor();
      await page.locator('.nodes tbody tr').filter({ hasText: 'maintenance' }).waitFor();
      await c.kill();
      await row('kv-c').filter({ hasText: 'silent' }).waitFor();
      await page.locator('.nodes').scrollIntoViewIfNeeded();
      expect(await seriousFindings(page)).to.deep.equal([]);
      await tab.shot(`server-nodes-${size}`);
      await tab.close();
      await c.startAgain();
    });
  }
});
