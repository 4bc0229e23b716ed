import { expect } from 'chai';
import { MemoryStore } from '../../../../src/infrastructure/storage/building-blocks/memory-store.js';
import { maxOpenStores } from '../../../../src/infrastructure/storage/on-demand/handle-limit.js';
import { OnDemandStore } from '../../../../src/infrastructure/storage/on-demand/on-demand-store.js';
import { StorePool } from '../../../../src/infrastructure/storage/on-demand/store-pool.js';
import { entry } from '../../../contract/store-fixture.js';

const nothing = () => undefined;
const log = { error: nothing, warn: nothing, info: nothing, debug: nothing };

describe('StorePool', () => {
  it('never has more stores open than allowed, and every call is answered', async () => {
    const pool = new StorePool({ maxOpen: 3, idleAfter: 60_000 });
    const files = new Files();
    const stores = await Promise.all(Array.from({ length: 20 }, (_, i) => files.store(pool, `s${i}`)));
    await Promise.all(stores.map((store) => store.commit({ put: [entry('a')] })));
    const found = await Promise.all(stores.map((store) => store.get('a')));
    expect(found.map((it) => it?.key)).to.deep.equal(stores.map(() => 'a'));
    expect(files.most).to.equal(3);
    await Promise.all(stores.map((store) => store.close()));
    expect(files.open).to.equal(0);
  });

  it('closes the store that was not used for longest', async () => {
    const pool = new StorePool({ maxOpen: 2, idleAfter: 60_000 });
    const files = new Files();
    const first = await files.store(pool, 'first');
    const second = await files.store(pool, 'second');
    pool.now += 10;
    await first.get('a');
    await files.store(pool, 'third');
    expect([first.state, second.state]).to.deep.equal(['idle', 'closed']);
  });

  it('closes a store that is idle for long enough, and only that', async () => {
    const pool = new StorePool({ maxOpen: 9, idleAfter: 0 });
    const files = new Files();
    const [idle, watched] = [await files.store(pool, 'idle'), await files.store(pool, 'watched', () => true)];
    while (idle.state !== 'closed') await new Promise((resolve) => setTimeout(resolve, 20));
    expect(watched.state).to.equal('held');
    await Promise.all([idle.close(), watched.close()]);
  });

  it('opens a store beside those that have to stay open, however many these are', async () => {
    const pool = new StorePool({ maxOpen: 1, idleAfter: 60_000 });
    const files = new Files();
    for (let i = 0; i < 3; i++) await files.store(pool, `watched${i}`, () => true);
    const store = await files.store(pool, 'other');
    expect(store.state).to.equal('idle');
  });

  it('reports a store that cannot be opened again, and opens it when it can be', async () => {
    const pool = new StorePool({ maxOpen: 1, idleAfter: 60_000 });
    const files = new Files();
    const store = await files.store(pool, 'damaged');
    await store.suspend();
    files.damaged.add('damaged');
    const error = await Promise.resolve(store.get('a')).catch((it) => it);
    expect(error.message).to.equal('damaged is damaged');
    expect(files.reports).to.deep.equal(['damaged is damaged']);
    files.damaged.clear();
    expect(await store.get('a')).to.equal(undefined);
  });

  it('opens a closed store for a sweep only if something has expired', async () => {
    const pool = new StorePool({ maxOpen: 1, idleAfter: 60_000 });
    const store = await new Files().store(pool, 'expiring');
    await store.commit({ put: [entry('late', '', { expiresAt: 2_000 }), entry('soon', '', { expiresAt: 1_000 })] });
    await store.suspend();
    expect(await store.expiring(999, 10)).to.deep.equal([]);
    expect(store.state).to.equal('closed');
    expect(await store.expiring(1_000, 10)).to.deep.equal(['soon']);
  });

  it('allows as many as the limit of handles does', () => {
    expect([64, 256, 1_024, 1_048_576].map(maxOpenStores)).to.deep.equal([1, 48, 240, 1_000]);
  });
});

/** Stores in memory that count as files. */
class Files {
  open = 0;
  most = 0;
  readonly damaged = new Set<string>();
  readonly reports: string[] = [];
  readonly #content = new Map<string, MemoryStore>();

  store(pool: StorePool, project: string, isWatched = () => false): Promise<OnDemandStore> {
    const onUnavailable = ({ message }: Error) => void this.reports.push(message);
    const listener = { changed: nothing, overflowed: nothing, setPoller: nothing, isWatched };
    const open = async (to: typeof listener | undefined) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.damaged.has(project)) throw new Error(`${project} is damaged`);
      if (isWatched()) (to as { setPoller(poll: () => Promise<void>): void }).setPoller(async () => undefined);
      return this.#file(project);
    };
    return OnDemandStore.open(
      { project, pool, log, open, closedState: async () => undefined, onUnavailable },
      listener,
    );
  }

  #file(project: string): MemoryStore {
    const content = this.#content.get(project) ?? new MemoryStore();
    this.#content.set(project, content);
    this.open += 1;
    this.most = Math.max(this.most, this.open);
    const file = Object.create(content) as MemoryStore;
    const members: Partial<MemoryStore> = {
      get: (key) => content.get(key),
      getMany: (keys) => content.getMany(keys),
      expiring: (before, limit) => content.expiring(before, limit),
      size: () => content.size(),
      unreadable: () => content.unreadable(),
      commit: async (batch) => content.commit(batch),
      close: () => {
        this.open -= 1;
      },
    };
    return Object.assign(file, members);
  }
}
