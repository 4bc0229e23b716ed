import { expect } from 'chai';
import type { Stored } from '../../../src/interfaces/key-value-store/values.js';
import { codeOf, type Declare, sleep } from './fixture.js';

export function oldEntriesContract(declare: Declare): void {
  declare('returns the entry that a put replaced, and undefined if there was none', async (store) => {
    const first = await store.put('a', '1.0', { return: 'old', as: 'text', meta: { n: 1 }, ttl: 60 });
    expect(first).to.deep.equal({ version: (await store.head('a'))?.version, old: undefined });
    const before = await store.get('a');
    const second = await store.put('a', Uint8Array.of(0, 255), { return: 'old', keepMeta: true });
    expect(second).to.deep.equal({ version: (await store.head('a'))?.version, old: before });
    const { old } = await store.put('a', 3, { return: 'old' });
    expect(old).to.deep.include({ value: Uint8Array.of(0, 255), meta: { n: 1 }, version: second.version });
    expect((await store.get('a'))?.value).to.equal(3);
  });

  declare('returns the entry that a delete removed, and undefined if there was none', async (store) => {
    for (const key of ['a', '.', '..', 'a/b?c#%2F', 'é\n']) {
      await store.put(key, { n: [1] }, { meta: { by: 'é' } });
      const before = await store.get(key);
      expect(await store.delete(key, { return: 'old' }), key).to.deep.equal({ existed: true, old: before });
      expect(await store.delete(key, { return: 'old' }), key).to.deep.equal({ existed: false, old: undefined });
    }
    expect(await store.count()).to.equal(0);
  });

  declare('returns old entries of any size', async (store) => {
    const [small, large] = [Uint8Array.of(1), new Uint8Array(3 * 1024 * 1024).fill(200)];
    await store.put('a', small, { meta: { n: 1 } });
    const { version, old } = await store.put('a', large, { return: 'old', ttl: 60, meta: { n: 2 } });
    expect([old?.value, old?.meta]).to.deep.equal([small, { n: 1 }]);
    expect(await store.head('a')).to.deep.include({ version, sizeBytes: large.length, meta: { n: 2 } });
    const removed = await store.delete('a', { return: 'old' });
    const bytes = removed.old?.value as Uint8Array;
    expect([bytes.length, bytes.every((byte) => byte === 200)]).to.deep.equal([large.length, true]);
    expect(removed.old?.expiresAt).to.be.instanceOf(Date);
    expect((await store.put('b', large, { return: 'old' })).old).to.equal(undefined);
  });

  declare('gives an entry to only one of many that delete it', async (store) => {
    await store.put('a', 'taken');
    const results = await Promise.all(Array.from({ length: 20 }, () => store.delete('a', { return: 'old' })));
    const taken = results.filter(({ existed }) => existed);
    expect(taken.map(({ old }) => old?.value)).to.deep.equal(['taken']);
    expect(results.filter(({ old }) => old === undefined)).to.have.length(19);
  });

  declare('gives each of many that put another entry', async (store) => {
    await store.put('a', 0);
    const values = Array.from({ length: 20 }, (_, i) => i + 1);
    const results = await Promise.all(values.map((value) => store.put('a', value, { return: 'old' })));
    const seen = [...results.map(({ old }) => old), await store.get('a')].map(
      (entry) => (entry as Stored<number>).value,
    );
    expect(seen.sort((a, b) => a - b)).to.deep.equal([0, ...values]);
  });

  declare('keeps the conditions of a write that returns the old entry', async (store) => {
    const version = await store.put('a', 1, { ifAbsent: true });
    const next = await store.put('a', 2, { return: 'old', ifVersion: version });
    expect([next.old?.version, next.old?.value]).to.deep.equal([version, 1]);
    for (const conditions of [{ ifAbsent: true }, { ifVersion: version }, { ifVersion: 'no version!' }]) {
      expect(await codeOf(store.put('a', 3, { return: 'old', ...conditions }))).to.equal('precondition_failed');
    }
    expect(await codeOf(store.put('b', 3, { return: 'old', ifVersion: version }))).to.equal('precondition_failed');
    expect(await codeOf(store.delete('a', { return: 'old', ifVersion: version }))).to.equal('precondition_failed');
    const removed = await store.delete('a', { return: 'old', ifVersion: next.version });
    expect([removed.existed, removed.old?.value]).to.deep.equal([true, 2]);
    const missing = await store.delete('a', { return: 'old', ifVersion: next.version });
    expect(missing).to.deep.equal({ existed: false, old: undefined });
  });

  declare('returns no old entry that has expired', async (store) => {
    for (const key of ['a', 'b']) await store.put(key, 1, { ttl: 0.05 });
    await sleep(100);
    expect((await store.put('a', 2, { return: 'old' })).old).to.equal(undefined);
    expect(await store.delete('b', { return: 'old' })).to.deep.equal({ existed: false, old: undefined });
  });

  declare('refuses to return anything but the old entry, and changes nothing then', async (store) => {
    await store.put('a', 1);
    const wrong = { return: 'new' as 'old' };
    for (const task of [
      store.put('a', 2, wrong),
      store.delete('a', wrong),
      store.transaction([{ put: { key: 'a', value: 2, ...wrong } }]),
      store.transaction([{ delete: { key: 'a', ...wrong } }]),
    ]) {
      expect(await codeOf(task)).to.equal('invalid');
    }
    expect((await store.get('a'))?.value).to.equal(1);
  });
}
