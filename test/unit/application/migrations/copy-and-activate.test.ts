import { expect } from 'chai';
import { copyAndActivate } from '../../../../src/application/migrations/copy-and-activate.js';
import type { Batch } from '../../../../src/application/ports/store.js';
import { SwappableStore } from '../../../../src/application/stores/swappable-store.js';
import type { Change } from '../../../../src/domain/change.js';
import type { Entry } from '../../../../src/domain/entry.js';
import { HistoryGoneError } from '../../../../src/domain/errors.js';
import { MemoryStore } from '../../../../src/infrastructure/storage/building-blocks/memory-store.js';
import { assertSame, entry } from '../../../contract/store-fixture.js';
import { CheckedStore } from '../../../harness/checked-store.js';
import { LoggedStore } from '../../../harness/logged-store.js';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Answers in a later turn of the event loop, as a store on another machine does. */
class RemoteStore extends CheckedStore {
  override async getMany(keys: readonly string[]): Promise<readonly (Entry | undefined)[]> {
    await nextTurn();
    return super.getMany(keys);
  }

  override async commit(batch: Batch): Promise<boolean> {
    await nextTurn();
    return super.commit(batch);
  }
}

describe('copyAndActivate', () => {
  it('names a key once in a commit, even if it changes again while the commit is put together', async () => {
    const keys = Array.from({ length: 150 }, (_, i) => `k${i}`);
    const source = new SwappableStore(new MemoryStore());
    await source.commit({ put: keys.map((key) => entry(key)) });
    const target = new RemoteStore(new MemoryStore());
    let activated = false;
    const write = async (round: number) => {
      const changed = keys.filter((_, i) => (i + round) % 2 === 0);
      await source.commit({ put: changed.slice(1).map((key) => entry(key, `${round}`)), remove: changed.slice(0, 1) });
    };
    let ended = false;
    const writer = (async () => {
      for (let round = 0; round < 200 && !ended; round++) {
        await write(round);
        await nextTurn();
      }
    })();
    const staged = {
      store: target,
      activate: async () => {
        activated = true;
        assertSame(await target.scan({ limit: 1000 }), await source.scan({ limit: 1000 }));
        return [];
      },
      translateError: async (error: unknown) => error,
      discard: async () => 'removed' as const,
    };
    await copyAndActivate(source, staged, ({ version }) => BigInt(version));
    ended = true;
    await writer;
    expect(activated).to.equal(true);
  });

  it('learns from the log what other servers committed, and compares no keys while writers wait', async () => {
    const shared = new SharedStore();
    await moveWhileOthersWrite(shared, () => {
      shared.refusesScans = true;
    });
  });

  it('compares all keys if the log does not know any more what was committed', async () => {
    const shared = new SharedStore();
    await moveWhileOthersWrite(shared, () => {
      shared.isForgotten = true;
    });
  });
});

/** A store to which other servers commit, too. */
class SharedStore extends LoggedStore {
  refusesScans = false;
  isForgotten = false;

  override scanHeads(range: Parameters<LoggedStore['scanHeads']>[0]) {
    if (this.refusesScans) throw new Error('all keys are compared');
    return super.scanHeads(range);
  }

  protected override async *readLog(after: string | undefined, signal: AbortSignal) {
    if (this.isForgotten) throw new HistoryGoneError(after ?? '');
    yield* super.readLog(after, signal);
  }
}

/** Other servers put, change and remove keys until `whenFenced` is called, unknown to the one that moves. */
async function moveWhileOthersWrite(shared: SharedStore, whenFenced: () => void): Promise<void> {
  const write = (batch: { put?: Entry[]; remove?: string[] }) => {
    const changes: Change[] = (batch.put ?? []).map(({ key, version, value }) => ({
      ...{ event: 'put', key, version },
      sizeBytes: value.length,
    }));
    for (const key of batch.remove ?? []) changes.push({ event: 'delete', key, version: 1, sizeBytes: 0 });
    shared.commit({ ...batch, changes });
  };
  write({ put: Array.from({ length: 600 }, (_, i) => entry(`k${i}`)) });
  const source = new SwappableStore(shared);
  const target = new RemoteStore(new MemoryStore());
  let isFenced = false;
  let moved: readonly (Entry | undefined)[] = [];
  const staged = {
    store: target,
    fence: async () => {
      write({ put: [entry('k1', 'changed'), entry('new')], remove: ['k2'] });
      isFenced = true;
      whenFenced();
    },
    activate: async () => {
      moved = await target.scan({ limit: 1000 });
      return [];
    },
    translateError: async (error: unknown) => error,
    discard: async () => 'removed' as const,
  };
  let copied = 0;
  const onCopied = () => {
    if (!isFenced) write({ put: [entry('k3', `${copied++}`)], remove: [`k${10 + copied}`] });
  };
  await copyAndActivate(source, staged, ({ version }) => BigInt(version), { onCopied });
  assertSame(moved, shared.scan({ limit: 1000 }));
}
