import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { report } from '../../faults/harness/seed.js';
import { RegistryProcess } from '../registry/registry-process.js';
import { LIMITED_STORES, type LimitedStore } from './limited-stores.js';

const BYTES = 192 * 1024;
const KEYS = 8;
/** So many writes are refused one after another when the store is full. */
const REFUSALS = 6;
/** Longer than a server serves without the registry. */
const LONG = 4_000;

for (const [engine, { missing, start }] of Object.entries(LIMITED_STORES)) {
  const reason = await missing();
  const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

  describe(`Two servers whose store is full, on ${engine}${skipped}`, function () {
    this.timeout(0);
    let store: LimitedStore | undefined;
    const servers: RegistryProcess[] = [];
    const statuses = new Map<number, number>();
    /** What each key may have: what was acknowledged last, and what has an unknown outcome since. */
    const possible = new Map<string, string[]>();
    /** What each write was answered. */
    const answers = new Map<string, string>();
    let key = '';
    let count = 0;
    before(async function () {
      if (reason !== undefined) this.skip();
      store = await start();
      if (store === undefined) return this.skip();
      for (let i = 0; i < 2; i++) servers.push(await RegistryProcess.start(store.registry));
      const system = servers[0]?.portkv.printed('SYSTEM_KEY') ?? '';
      const made = await servers[0]?.call('POST', '', system, { id: 'filled', storage: store.data });
      expect(made?.status, made?.text).to.equal(201);
      key = made?.data.new_api_key;
    });
    after(async () => {
      await Promise.all(servers.map((server) => server.remove()));
      await store?.remove();
    });

    const put = async (server: RegistryProcess) => {
      count += 1;
      const name = `k${count % KEYS}`;
      const value = randomBytes(BYTES).toString('base64');
      const { status, text } = await server.callOnce('PUT', `filled/values/${name}`, key, value);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      answers.set(value, `${status} ${text}`);
      if (status < 300) possible.set(name, [value]);
      else if (text.includes('outcome_unknown')) possible.set(name, [...(possible.get(name) ?? ['']), value]);
      return status;
    };
    const readAll = async (server: RegistryProcess) => {
      for (const [name, values] of possible) {
        const { status, text } = await server.call('GET', `filled/values/${name}`, key);
        expect(status, text.slice(0, 200)).to.be.oneOf(values.includes('') ? [200, 404] : [200]);
        const isPossible = values.includes(status === 200 ? text : '');
        expect(isPossible, `${name} is what was answered with ${answers.get(text)}`).to.equal(true);
      }
    };

    it('refuse each write with 507 or 503, and serve reads all the while', async () => {
      const [a, b] = servers as [RegistryProcess, RegistryProcess];
      for (let i = 0; i < 2 * KEYS; i++) expect(await put(i % 2 === 0 ? a : b)).to.be.below(300);
      await store?.takeRoom();
      for (let refused = 0; refused < REFUSALS; ) {
        const status = await put(count % 2 === 0 ? a : b);
        refused = status < 300 ? 0 : refused + 1;
        if (status >= 300) expect(status).to.be.oneOf([503, 507]);
      }
      for (const until = performance.now() + LONG; performance.now() < until; await sleep(200))
        for (const server of [a, b]) await readAll(server);
      expect(statuses.get(507), 'some with 507').to.be.greaterThan(0);
      if (engine !== 'etcd' || store === undefined) return;
      const started = await RegistryProcess.start(store.registry).catch(String);
      expect(started, 'the start of a third one').to.be.a('string').that.includes('etcd is full (NOSPACE)');
    });

    it('go on by themselves once there is room, and have all that was acknowledged', async () => {
      const [a, b] = servers as [RegistryProcess, RegistryProcess];
      await store?.makeRoom();
      for (const server of [a, b]) {
        await readAll(server);
        while ((await put(server)) >= 300) await sleep(50);
        await readAll(server);
      }
      for (const server of [a, b]) while ((await server.readiness()) !== 200) await sleep(50);
      report(Object.fromEntries([...statuses].map(([status, times]) => [`${status}:`, times])));
    });
  });
}
