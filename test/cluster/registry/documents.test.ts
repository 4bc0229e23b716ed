import { expect } from 'chai';
import type { Documents } from '../../../src/infrastructure/registry/documents.js';
import { REGISTRY_STORES, type RegistryStore } from './registry-stores.js';

for (const [name, { missing, start }] of Object.entries(REGISTRY_STORES)) {
  const reason = await missing();
  const skipped = reason === undefined ? '' : `, skipped: ${reason}`;

  describe(`The documents of a registry on ${name}${skipped}`, () => {
    let store: RegistryStore;
    let first: Documents;
    let second: Documents;
    before(async function () {
      if (reason !== undefined) this.skip();
      store = await start();
      [first, second] = await Promise.all([store.open(), store.open()]);
    });
    after(async () => {
      await Promise.all([first?.close(), second?.close()]);
      await store?.remove();
    });

    const contentOf = async (documents: Documents) => Object.fromEntries((await documents.read()).documents);

    it('are empty at revision 0, and change together', async () => {
      expect(await first.read()).to.deep.equal({ revision: 0, documents: new Map() });
      const made = await first.commit(0, new Map([...'abc'].map((it) => [it, `"${it}"`])));
      const changed = await second.commit(made ?? 0, new Map([...Object.entries({ a: '"é"', b: undefined, d: '1' })]));
      expect(changed).to.be.greaterThan(made ?? 0);
      expect(await contentOf(first)).to.deep.equal({ a: '"é"', c: '"c"', d: '1' });
      expect((await first.read()).revision).to.equal(changed);
    });

    it('stay as they are if another commit came first', async () => {
      const { revision } = await first.read();
      const made = await second.commit(revision, new Map([['a', '"second"']]));
      expect(await first.commit(revision, new Map(Object.entries({ a: '"first"', e: '1', c: undefined })))).to.equal(
        undefined,
      );
      expect(await first.read()).to.deep.include({ revision: made });
      expect(await contentOf(first)).to.deep.equal({ a: '"second"', c: '"c"', d: '1' });
    });

    it('lose no change of several that are made at the same time', async () => {
      const increment = async (documents: Documents): Promise<void> => {
        for (;;) {
          const { revision, documents: found } = await documents.read();
          const next = String(Number(found.get('n') ?? 0) + 1);
          if ((await documents.commit(revision, new Map([['n', next]]))) !== undefined) return;
        }
      };
      const all = Array.from({ length: 4 }, async (_, i) => {
        for (let n = 0; n < 5; n++) await increment(i % 2 === 0 ? first : second);
      });
      await Promise.all(all);
      expect((await second.read()).documents.get('n')).to.equal('20');
    });

    it('let nodes report, and learn of each other and of the revision', async () => {
      const { revision } = await first.read();
      const [a, b] = [
        { id: 'a', applied: 1, count: 1 },
        { id: 'b', applied: 2, count: 1 },
      ];
      expect(await first.report(a)).to.deep.equal({ revision, others: [] });
      expect(await second.report(b)).to.deep.equal({ revision, others: [a] });
      const later = { id: 'a', applied: revision, count: 2 };
      expect(await first.report(later)).to.deep.equal({ revision, others: [b] });
      await second.forget(a);
      expect((await second.report(b)).others, 'a newer report stays').to.deep.equal([later]);
      await second.forget(later);
      expect((await second.report(b)).others).to.deep.equal([]);
    });
  });
}
