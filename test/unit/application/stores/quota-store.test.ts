import { expect } from 'chai';
import type { Quota } from '../../../../src/application/ports/entry-rules.js';
import type { Batch, Store } from '../../../../src/application/ports/store.js';
import { QuotaStore } from '../../../../src/application/stores/quota-store.js';
import { ReservingStore } from '../../../../src/application/stores/reserving-store.js';
import { AppError } from '../../../../src/domain/errors.js';
import { MemoryStore } from '../../../../src/infrastructure/storage/building-blocks/memory-store.js';
import { entry } from '../../../contract/store-fixture.js';

const NONE: Quota = { maxKeys: Number.POSITIVE_INFINITY, maxTotalBytes: Number.POSITIVE_INFINITY };

describe('QuotaStore above ReservingStore', () => {
  let quota: Quota;
  let inner: SlowStore;
  let store: Store;

  beforeEach(() => {
    quota = { ...NONE, maxKeys: 3 };
    inner = new SlowStore();
    store = new QuotaStore(new ReservingStore(inner), () => quota);
  });

  it('accepts exactly as many keys as the quota allows from concurrent writers; reports the size refused', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, i) => outcome(store, { put: [entry(`k${i}`)] })));
    expect(outcomes.filter((it) => it === true)).to.have.length(3);
    const refused = outcomes.find((it) => it instanceof AppError) as AppError;
    expect(refused.code).to.equal('insufficient_storage');
    expect(refused.details).to.deep.equal({ limit: 'max_keys', limit_value: 3, would_be: 4 });
    expect((await store.size()).keys).to.equal(3);
  });

  it('counts the bytes of keys and values', async () => {
    quota = { ...NONE, maxTotalBytes: 10 };
    expect(await outcome(store, { put: [entry('é', '12345678')] })).to.equal(true);
    expect(await outcome(store, { put: [entry('b')] })).to.deep.include({
      details: { limit: 'max_total_bytes', limit_value: 10, would_be: 11 },
    });
    expect(await outcome(store, { put: [entry('é', '1234567'), entry('b')] })).to.equal(true);
  });

  it('allows to replace, shrink and remove entries, also beyond the quota', async () => {
    quota = NONE;
    await store.commit({ put: ['a', 'b', 'c', 'd'].map((key) => entry(key, '12345')) });
    quota = { maxKeys: 1, maxTotalBytes: 1 };
    expect(await outcome(store, { put: [entry('a', '54321')] })).to.equal(true);
    expect(await outcome(store, { put: [entry('a', '1')] })).to.equal(true);
    expect(await outcome(store, { put: [entry('e', '1')], remove: ['b'] })).to.equal(true);
    expect(await outcome(store, { remove: ['c', 'd', 'nothing'] })).to.equal(true);
    expect(await outcome(store, { put: [entry('a', '12')] })).to.deep.include({ code: 'insufficient_storage' });
    expect(await outcome(store, { put: [entry('f')] })).to.deep.include({ code: 'insufficient_storage' });
  });

  it('releases the space of a commit that failed', async () => {
    inner.failure = new AppError('insufficient_storage', 'the disk is full');
    expect(await outcome(store, { put: [entry('a'), entry('b'), entry('c')] })).to.equal(inner.failure);
    inner.failure = new AppError('unavailable', 'the disk hangs');
    expect(await outcome(store, { put: [entry('a'), entry('b'), entry('c')] })).to.equal(inner.failure);
    inner.failure = undefined;
    const expected = [{ key: 'a', version: 1 }];
    expect(await outcome(store, { expect: expected, put: [entry('a')] })).to.equal(false);
    expect(await outcome(store, { put: [entry('a'), entry('b'), entry('c')] })).to.equal(true);
  });

  it('follows a quota that is set and unset while commits run', async () => {
    quota = NONE;
    const early = [outcome(store, { put: [entry('a'), entry('b')] })];
    quota = { ...NONE, maxKeys: 3 };
    early.push(outcome(store, { put: [entry('c')] }), outcome(store, { put: [entry('d')] }));
    expect((await Promise.all(early)).filter((it) => it === true)).to.have.length(2);
    quota = NONE;
    expect(await outcome(store, { put: [entry('e'), entry('f')] })).to.equal(true);
    quota = { ...NONE, maxKeys: 5 };
    expect(await outcome(store, { put: [entry('g'), entry('h')] })).to.deep.include({
      details: { limit: 'max_keys', limit_value: 5, would_be: 7 },
    });
  });

  it('stays exact over 3,000 overlapping commits', async () => {
    quota = { maxKeys: 12, maxTotalBytes: 150 };
    const running: Promise<unknown>[] = [];
    for (let i = 0; i < 3000; i++) {
      const key = `k${Math.floor(Math.random() * 30)}`;
      const batch = Math.random() < 0.4 ? { remove: [key] } : { put: [entry(key, 'x'.repeat(Math.random() * 30))] };
      running.push(outcome(store, batch));
      if (i % 7 === 0) await Promise.race(running.slice(-7));
      const { keys, bytes } = await store.size();
      expect(keys).to.be.at.most(12);
      expect(bytes).to.be.at.most(150);
    }
    await Promise.all(running);
    await store.commit({ remove: (await store.scan({ limit: 100 })).map(({ key }) => key) });
    expect(await outcome(store, { put: Array.from({ length: 12 }, (_, i) => entry(`n${i}`)) })).to.equal(true);
  });
});

async function outcome(store: Store, batch: Batch): Promise<unknown> {
  try {
    return await store.commit(batch);
  } catch (error) {
    return error;
  }
}

/** Commits asynchronously, so that commits overlap, and fails on request. */
class SlowStore extends MemoryStore {
  failure: AppError | undefined;

  override commit(batch: Batch): never {
    return (async () => {
      await pause();
      if (this.failure !== undefined) throw this.failure;
      const committed = super.commit(batch);
      await pause();
      return committed;
    })() as never;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => (Math.random() < 0.5 ? setImmediate(resolve) : resolve()));
}
