import { expect } from 'chai';
import type { Batch, Store } from '../../src/application/ports/store.js';
import { growthOf } from '../../src/application/stores/reserving-store.js';
import type { Entry } from '../../src/domain/entry.js';
import { AppError, LimitExceededError, StoreFencedError } from '../../src/domain/errors.js';
import { requireWithin, type Totals } from '../../src/domain/totals.js';
import { MemoryStore } from '../../src/infrastructure/storage/building-blocks/memory-store.js';
import { CheckedStore } from '../harness/checked-store.js';
import { failuresOf } from '../harness/failures-of.js';
import { type LogMistake, MemoryCommitLog } from './memory-commit-log.js';
import { MemoryReadView, type ViewMistake } from './memory-read-view.js';
import { severalNodesContract } from './several-nodes.contract.js';
import type { StoreFixture } from './store-fixture.js';

/** A handle on a store that several nodes have open; answers in a later turn, as over a network. */
class NodeHandle extends CheckedStore {
  #closed = false;
  readonly #wasFenced: boolean;

  constructor(
    private readonly shared: { store: Store; log: MemoryCommitLog; removed: boolean; fenced: boolean },
    private readonly decide: (store: Store, batch: Batch) => Promise<boolean>,
    private readonly looksForFence: 'in the commit' | 'before the commit' | 'when it is opened',
    private readonly viewMistake?: ViewMistake,
  ) {
    super(shared.store);
    this.#wasFenced = shared.fenced;
  }

  override get commitLog() {
    return this.shared.log.at(this);
  }

  override get readView() {
    return async () => {
      this.requireOpen();
      return new MemoryReadView(this, this.shared.store, this.viewMistake);
    };
  }

  override async get(key: string) {
    this.requireOpen();
    return super.get(key);
  }

  override async commit(batch: Batch): Promise<boolean> {
    this.requireOpen();
    const looks = this.looksForFence;
    if (looks === 'when it is opened' ? this.#wasFenced : this.shared.fenced) throw new StoreFencedError('it');
    if (looks !== 'in the commit') for (let turn = 0; turn < 20; turn++) await nextTurn();
    return this.decide(this.#storeFor(batch, looks === 'in the commit'), batch);
  }

  /** The store, which writes the log in the commit, and refuses commits that come after the fence. */
  #storeFor({ changes = [] }: Batch, isFenced: boolean): Store {
    const { shared } = this;
    let done = changes.length === 0 ? undefined : shared.log.begin(this);
    return new (class extends CheckedStore {
      override commit(batch: Batch) {
        if (isFenced && shared.fenced) throw new StoreFencedError('it');
        const committed = super.commit(batch) as boolean;
        if (committed) done?.(changes);
        if (committed) done = undefined;
        return committed;
      }
    })(shared.store);
  }

  override close() {
    this.#closed = true;
  }

  requireOpen(): void {
    if (this.#closed || this.shared.removed) throw new AppError('unavailable', 'closed or removed');
  }
}

function sharedMemory(
  decide: (store: Store, batch: Batch) => Promise<boolean>,
  looksForFence: ConstructorParameters<typeof NodeHandle>[2] = 'in the commit',
  mistake?: LogMistake,
  viewMistake?: ViewMistake,
): StoreFixture {
  return {
    name: 'in memory, shared',
    durable: false,
    severalNodes: true,
    async begin() {
      const shared = { store: new MemoryStore(), log: new MemoryCommitLog(mistake), removed: false, fenced: false };
      return {
        open: async () => new NodeHandle(shared, decide, looksForFence, viewMistake),
        remove: async () => {
          shared.removed = true;
        },
        fence: async (isFenced) => {
          shared.fenced = isFenced;
        },
        dispose: async () => undefined,
      };
    },
  };
}

/** A commit that checks its limit at the same moment. */
async function commitWithin(store: Store, { limit, ...batch }: Batch): Promise<boolean> {
  if (limit !== undefined) {
    const { expect: expected = [], put = [], remove = [] } = batch;
    const stored = new Map([...expected, ...put].map(({ key }) => [key, store.get(key) as Entry | undefined]));
    for (const key of remove) stored.set(key, store.get(key) as Entry | undefined);
    if (expected.some(({ key, version }) => stored.get(key)?.version !== version)) return false;
    requireWithin(limit, store.size() as Totals, growthOf(put, remove, stored));
  }
  return store.commit(batch);
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Decisions of shared stores with one mistake, and the promise that it breaks. */
const BROKEN: Readonly<Record<string, readonly [(store: Store, batch: Batch) => Promise<boolean>, RegExp]>> = {
  'looks at what is expected before it writes, and locks only what it writes': [
    async (store, { expect: expected = [], put = [], remove = [] }) => {
      const written = new Set([...put.map(({ key }) => key), ...remove]);
      const stored = await store.getMany(expected.map(({ key }) => key));
      if (expected.some(({ version }, i) => stored[i]?.version !== version)) return false;
      await nextTurn();
      return store.commit({ expect: expected.filter(({ key }) => written.has(key)), put, remove });
    },
    /each expect that what the other puts is absent|each expect what the other/,
  ],
  'drops what is expected to be absent': [
    async (store, { expect: expected = [], ...changes }) => {
      await nextTurn();
      return store.commit({ ...changes, expect: expected.filter(({ version }) => version !== undefined) });
    },
    /creates a key for one of 32 rivals/,
  ],
  'checks the limit before the commit': [
    async (store, { limit, ...batch }) => {
      const { keys, bytes } = await store.size();
      const added = (batch.put ?? []).length - (batch.remove ?? []).length;
      if (limit !== undefined && keys + added > limit.keys) throw new LimitExceededError('keys', keys + added);
      if (limit !== undefined && bytes > limit.bytes) throw new LimitExceededError('bytes', bytes);
      await nextTurn();
      return store.commit(batch);
    },
    /lets exactly as many keys in/,
  ],
  'writes a commit entry by entry': [
    async (store, { put = [], ...batch }) => {
      if (!(await store.commit({ ...batch, put: put.slice(0, 1) }))) return false;
      for (const one of put.slice(1)) {
        await nextTurn();
        await store.commit({ put: [one] });
      }
      return true;
    },
    /reads as of one moment|every blind commit/,
  ],
};

describe('The contract of stores that several nodes have open', () => {
  severalNodesContract(
    { describe, it },
    sharedMemory(async (store, batch) => {
      await nextTurn();
      return commitWithin(store, batch);
    }),
  );

  it('gives the reason if it does not apply', async () => {
    const titles: string[] = [];
    const fixture = { ...sharedMemory(async () => true), severalNodes: 'one process has it' } as const;
    severalNodesContract({ describe: () => undefined, it: (title) => titles.push(title) }, fixture);
    expect(titles).to.deep.equal(['does not apply: one process has it']);
  });

  for (const [mistake, found] of [
    ['counts commits when they begin', /has each commit once|misses nothing/],
    ['has each change of a commit by itself', /each commit once and whole/],
    ['lacks what other nodes commit', /each commit once and whole/],
    ['takes any position for its start', /does not know positions/],
  ] as const) {
    it(`notices a log of commits that ${mistake}`, async () => {
      const slow = async (store: Store, batch: Batch) => {
        for (let turn = (batch.put ?? []).length % 3; turn > 0; turn--) await nextTurn();
        return commitWithin(store, batch);
      };
      const fixture = sharedMemory(slow, 'in the commit', mistake);
      const failed = await failuresOf(({ it: declare, describe }) =>
        severalNodesContract(
          { describe, it: (title, body) => /log of commits/.test(title) && declare(title, body) },
          fixture,
        ),
      );
      expect(failed.filter((title) => found.test(title))).to.not.be.empty;
    });
  }

  for (const [mistake, found] of [
    ['reads each page as it is then', /when they began|sum of a bank/],
    ['drops what was removed since', /when they began/],
    ['goes on after it was closed', /when they are closed/],
    ['ignores bounds', /between two bounds/],
  ] as const) {
    it(`notices a view that ${mistake}`, async () => {
      const decide = async (store: Store, batch: Batch) => {
        await nextTurn();
        return commitWithin(store, batch);
      };
      const fixture = sharedMemory(decide, 'in the commit', undefined, mistake);
      const failed = await failuresOf(({ it: declare, describe }) =>
        severalNodesContract(
          { describe, it: (title, body) => /has views/.test(title) && declare(title, body) },
          fixture,
        ),
      );
      expect(failed.filter((title) => found.test(title))).to.not.be.empty;
    });
  }

  for (const [looks, found] of [
    ['before the commit', /commits nothing after it was fenced/],
    ['when it is opened', /refuses commits of a node that slept/],
  ] as const) {
    it(`notices a store that looks for the fence only ${looks}`, async () => {
      const fixture = sharedMemory(commitWithin, looks);
      const failed = await failuresOf((tests) => severalNodesContract(tests, fixture));
      expect(failed.filter((title) => found.test(title))).to.not.be.empty;
    });
  }

  for (const [name, [decide, found]] of Object.entries(BROKEN)) {
    it(`notices a store that ${name}`, async () => {
      const failed = await failuresOf((tests) => severalNodesContract(tests, sharedMemory(decide)));
      expect(failed.filter((title) => found.test(title))).to.not.be.empty;
    });
  }
});
