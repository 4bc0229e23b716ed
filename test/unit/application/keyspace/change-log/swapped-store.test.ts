import { expect } from 'chai';
import { Keyspace } from '../../../../../src/application/keyspace/keyspace.js';
import { Versions } from '../../../../../src/application/keyspace/versions.js';
import type { CommitLog } from '../../../../../src/application/ports/commit-log.js';
import type { Batch, Store } from '../../../../../src/application/ports/store.js';
import { StoreWrapper } from '../../../../../src/application/stores/store-wrapper.js';
import { SwappableStore } from '../../../../../src/application/stores/swappable-store.js';
import { entry } from '../../../../contract/store-fixture.js';
import { LoggedStore } from '../../../../harness/logged-store.js';

/** A keyspace of a server under a registry. */
function keyspaceOf(store: Store): Keyspace {
  const clock = { now: () => Date.now() };
  const swappable = new SwappableStore(store);
  const versions = new Versions(clock, 0, async () => undefined);
  const rules = { maxKeys: Infinity, maxTotalBytes: Infinity, check: () => undefined };
  return new Keyspace('p', swappable, swappable, clock, versions, rules as never, undefined as never, true);
}

async function put(keyspace: Keyspace, key: string): Promise<void> {
  await keyspace.write([key], (_, stamp) => ({
    result: undefined,
    put: [entry(key, 'x', { version: stamp.version() })],
  }));
}

/** What a reader of the feed of a keyspace receives. */
async function follow({ changes }: Keyspace): Promise<string[]> {
  const received: string[] = [];
  await changes.start();
  changes.subscribe({
    changed: (all) => received.push(...all.map(({ key }) => key)),
    overflowed: () => received.push('gap'),
    closed: () => received.push('closed'),
  });
  return received;
}

/** The same store at another handle. */
class OpenedAgain extends StoreWrapper {
  readonly #log = { ...this.inner.commitLog } as CommitLog;

  override get commitLog(): CommitLog {
    return this.#log;
  }

  commit(batch: Batch) {
    return this.inner.commit(batch);
  }
}

// Positions of two stores have no order, whatever their texts are.
for (const [before, after] of [
  ['a0', 'b0'],
  ['b0', 'a0'],
] as const) {
  describe(`the feed of a project whose store was swapped, ${before} for ${after}`, () => {
    it('has what is written at the next one while an export still reads from the one before', async () => {
      const keyspace = keyspaceOf(new LoggedStore(before));
      const received = await follow(keyspace);
      await put(keyspace, 'old');
      await keyspace.changes.start();
      const pinned = keyspace.swappable.pin();
      await keyspace.swappable.quiesce(async () => keyspace.swappable.swap(new LoggedStore(after)));
      await keyspace.changes.start();
      await put(keyspace, 'new');
      await keyspace.changes.start();
      expect(received).to.deep.equal(['old', 'gap', 'new']);
      pinned.release();
      await keyspace.close();
    });

    it('knows the tokens that another server gave at the next one, and none of the one before', async () => {
      const [first, next] = [new LoggedStore(before), new LoggedStore(after)];
      const [keyspace, other] = [keyspaceOf(first), keyspaceOf(next)];
      await other.changes.start();
      const token = other.changes.tokenOf(other.changes.position);
      await put(other, 'k');
      await keyspace.changes.start();
      const old = keyspace.changes.tokenOf(keyspace.changes.position);
      await put(keyspace, 'old');
      await keyspace.swappable.quiesce(async () => keyspace.swappable.swap(next));
      const position = await keyspace.changes.positionOf(token);
      expect(position).to.be.a('number');
      expect(keyspace.changes.after(position as number, 10)?.map(({ key }) => key)).to.deep.equal(['k']);
      expect(await keyspace.changes.positionOf(old)).to.equal(undefined);
      await Promise.all([keyspace.close(), other.close()]);
    });

    it('goes on without a gap if it was the same one, opened again', async () => {
      const store = new LoggedStore(before);
      const keyspace = keyspaceOf(store);
      const received = await follow(keyspace);
      await put(keyspace, 'first');
      await keyspace.swappable.quiesce(async () => keyspace.swappable.swap(new OpenedAgain(store)));
      await store.commit({ changes: [{ event: 'put', key: 'elsewhere', version: 1, sizeBytes: 0 }] });
      await keyspace.changes.start();
      expect(received).to.deep.equal(['first', 'elsewhere']);
      await keyspace.close();
    });
  });
}
