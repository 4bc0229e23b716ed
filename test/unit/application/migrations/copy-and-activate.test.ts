import { expect } from 'chai';
import { copyAndActivate } from '../../../../src/application/migrations/copy-and-activate.js';
import type { Batch } from '../../../../src/application/ports/store.js';
import { SwappableStore } from '../../../../src/application/stores/swappable-store.js';
import type { Entry } from '../../../../src/domain/entry.js';
import { MemoryStore } from '../../../../src/infrastructure/storage/building-blocks/memory-store.js';
import { assertSame, entry } from '../../../contract/store-fixture.js';
import { CheckedStore } from '../../../harness/checked-store.js';

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
      discard: async () => undefined,
    };
    await copyAndActivate(source, staged, ({ version }) => BigInt(version));
    ended = true;
    await writer;
    expect(activated).to.equal(true);
  });
});
