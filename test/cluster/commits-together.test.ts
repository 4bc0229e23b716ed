import { expect } from 'chai';
import type { Batch, Store } from '../../src/application/ports/store.js';
import { LimitExceededError } from '../../src/domain/errors.js';
import { entry } from '../contract/store-fixture.js';
import { REMOTE_ENGINES } from './remote-engines.js';
import { storeOn } from './store-on.js';

/** A few more than a server does together. */
const COUNT = 300;

for (const name of ['postgres', 'redis'] as const) {
  const reason = await REMOTE_ENGINES[name].missing();
  describe(`Commits that come together on ${name}${reason === undefined ? '' : `, skipped: ${reason}`}`, () => {
    let server: Awaited<ReturnType<(typeof REMOTE_ENGINES)['redis']['start']>>;
    let place: Awaited<ReturnType<typeof storeOn>>;
    let store: Store;
    before(async function () {
      if (reason !== undefined) this.skip();
      server = await REMOTE_ENGINES[name].start();
    });
    beforeEach(async () => {
      place = await storeOn(name, (server.options as { url: string }).url);
      store = place.store;
    });
    afterEach(() => place?.remove());
    after(() => server?.remove());

    const keys = Array.from({ length: COUNT }, (_, i) => `k${String(i).padStart(3, '0')}`);
    const commitAll = (batchOf: (key: string, i: number) => Batch) =>
      Promise.allSettled(keys.map((key, i) => store.commit(batchOf(key, i))));
    const requireSize = async () => {
      const all = await store.scan({ limit: COUNT * 2 });
      const bytes = all.reduce((sum, it) => sum + it.key.length + it.value.length, 0);
      expect(await store.size()).to.deep.equal({ keys: all.length, bytes });
      return all;
    };
    const put = (key: string, version: number) => entry(key, `${key}-${version}`, { version });

    it('are each done or refused by what they expect', async () => {
      await commitAll((key, i) => (i % 2 === 0 ? { put: [put(key, 1)] } : { expect: [], put: [] }));
      const results = await commitAll((key, i) => {
        const expected = [1, undefined, 5, undefined, 1, 1][i % 6];
        const expect = [{ key, version: expected }];
        return i % 6 === 4 ? { expect, remove: [key] } : { expect, put: [put(key, 10)] };
      });
      // Even keys are stored with version 1, odd ones are missing.
      const done = results.map((it) => (it.status === 'fulfilled' ? it.value : it.reason));
      expect(done).to.deep.equal(keys.map((_, i) => [true, true, false, true, true, false][i % 6]));
      const stored = new Map((await requireSize()).map((it) => [it.key, it.version]));
      expect(keys.map((key) => stored.get(key))).to.deep.equal(
        keys.map((_, i) => [10, 10, 1, 10, undefined, undefined][i % 6]),
      );
      const read = await Promise.all([...keys, ...keys].map((key) => store.get(key)));
      expect(read.map((it) => it?.version)).to.deep.equal([...keys, ...keys].map((key) => stored.get(key)));
      expect(read.every((it) => it === undefined || String(it.value) === `${it.key}-${it.version}`)).to.equal(true);
    });

    it('let in as many keys as a limit allows, and replace what is there', async () => {
      await store.commit({ put: [put('there', 1)] });
      const limit = { keys: 101, bytes: Number.POSITIVE_INFINITY };
      const adding = commitAll((key) => ({ expect: [{ key, version: undefined }], put: [put(key, 1)], limit }));
      const replaced = store.commit({ expect: [{ key: 'there', version: 1 }], put: [put('there', 2)], limit });
      const results = await adding;
      expect(await replaced).to.equal(true);
      expect(results.filter((it) => it.status === 'fulfilled' && it.value)).to.have.length(100);
      for (const it of results) if (it.status === 'rejected') expect(it.reason).to.be.instanceOf(LimitExceededError);
      expect(await requireSize()).to.have.length(101);
    });
  });
}
