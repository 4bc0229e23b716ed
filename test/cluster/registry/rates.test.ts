import { join } from 'node:path';
import { expect } from 'chai';
import { generateKey } from '../../../src/infrastructure/security/generated-key.js';
import { runPortkv } from '../../harness/portkv-command.js';
import { RegistryProcess } from './registry-process.js';
import { REGISTRY_STORES, type RegistryStore } from './registry-stores.js';

/** More than the time within which a server learns what another has counted, in ms. */
const REPORTED = 1_500;

for (const [engine, { missing, start }] of Object.entries(REGISTRY_STORES)) {
  const reason = await missing();
  const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

  describe(`Servers that count requests together, with a registry on ${engine}${skipped}`, () => {
    let store: RegistryStore;
    const servers: RegistryProcess[] = [];
    let system = '';
    before(async function () {
      if (reason !== undefined) this.skip();
      store = await start();
      const registry = { engine, options: { url: store.url } };
      for (let i = 0; i < 3; i++) servers.push(await RegistryProcess.start(registry));
      system = servers[0]?.portkv.printed('SYSTEM_KEY') ?? '';
    });
    after(async () => {
      await Promise.all(servers.map((server) => server.remove()));
      await store?.remove();
    });

    const set = (name: string, value: unknown) => {
      const config = join(servers[0]?.folder ?? '', 'config.json');
      return runPortkv(['registry', 'set', name, JSON.stringify(value), '--config', config]);
    };
    const rates = async (limits: object) => {
      const { code, errors } = await set('system.rate_limits', limits);
      expect(code, errors).to.equal(0);
    };
    const statusesAt = async (server: RegistryProcess, times: number, path = '', key = system) => {
      const statuses: number[] = [];
      for (let i = 0; i < times; i++) statuses.push((await server.call('GET', path, key)).status);
      return statuses;
    };
    const reported = () => new Promise((resolve) => setTimeout(resolve, REPORTED));

    it('let no more through than one server would, once they know of each other', async () => {
      await rates({ per_key: { requests: 30, seconds: 3600 }, shared: true });
      const [a, b, c] = servers as [RegistryProcess, RegistryProcess, RegistryProcess];
      expect(await statusesAt(a, 10)).to.not.include(429);
      await reported();
      expect(await statusesAt(b, 15)).to.not.include(429);
      await reported();
      const last = await statusesAt(c, 12);
      expect(last.filter((status) => status === 429)).to.have.length(7);
      expect(last.slice(5)).to.deep.equal(Array(7).fill(429));
      const response = await fetch(`${c.address}/api/v1/projects`, { headers: { authorization: `Bearer ${system}` } });
      expect(response.headers.get('ratelimit-remaining') ?? response.headers.get('ratelimit')).to.match(/\b0\b/);
      await rates({ shared: true });
    });

    it('count wrong keys together', async () => {
      const storage = { engine, options: { url: store.url } };
      const made = await servers[0]?.call('POST', '', system, { id: 'p', storage });
      const wrong = generateKey(made?.data.new_api_key.slice(4, 12)).secret;
      const [a, b, c] = servers as [RegistryProcess, RegistryProcess, RegistryProcess];
      expect(await statusesAt(a, 6, 'p/store', wrong)).to.deep.equal(Array(6).fill(401));
      await reported();
      expect(await statusesAt(b, 4, 'p/store', wrong)).to.deep.equal(Array(4).fill(401));
      await reported();
      expect(await statusesAt(c, 2, 'p/store', wrong)).to.deep.equal([429, 429]);
    });

    it('take no setting that they would refuse, or that is not theirs together', async () => {
      for (const [name, value, problem] of [
        ['system.rate_limits.per_key', { requests: 0, seconds: 1 }, 'system.rate_limits.per_key.requests'],
        ['system.rate_limits.per_kye', 1, 'system.rate_limits.per_kye'],
        ['system.logging', {}, 'system.logging is not in the registry'],
        ['system.authentication.enabled', false, 'system.authentication.enabled is not in the registry'],
        ['projects', [], 'projects is not in the registry'],
      ] as const) {
        const { code, errors } = await set(name, value);
        expect([code, errors.trim().split('\n').length], errors).to.deep.equal([2, 1]);
        expect(errors).to.include(problem);
      }
      expect((await servers[0]?.call('GET', '', system))?.status).to.equal(200);
    });

    it('each count alone if the settings do not say so', async () => {
      await rates({ per_key: { requests: 20, seconds: 3600 }, shared: false });
      for (const server of servers) {
        const statuses = await statusesAt(server, 25);
        expect(statuses.filter((status) => status === 429).length).to.be.within(5, 6);
      }
    });
  });
}
