import { expect } from 'chai';
import { Keyspace } from '../../../../src/application/keyspace/keyspace.js';
import { Versions } from '../../../../src/application/keyspace/versions.js';
import type { Store } from '../../../../src/application/ports/store.js';
import { SwappableStore } from '../../../../src/application/stores/swappable-store.js';
import { MemoryStore } from '../../../../src/infrastructure/storage/building-blocks/memory-store.js';
import { entry } from '../../../contract/store-fixture.js';
import { LoggedStore } from '../../../harness/logged-store.js';

/** A keyspace of a server under a registry. */
function keyspaceOf(store: Store): Keyspace {
  const clock = { now: () => Date.now() };
  const swappable = new SwappableStore(store);
  const versions = new Versions(clock, 0, async () => undefined);
  const rules = { maxKeys: Infinity, maxTotalBytes: Infinity, check: () => undefined };
  return new Keyspace('p', swappable, swappable, clock, versions, rules as never, undefined as never, true);
}

/** Begins a write, which waits, and swaps the store for another one. Returns what the feed at the new one says. */
async function writeAcross(from: Store, to: Store) {
  const keyspace = keyspaceOf(from);
  const told: string[] = [];
  let writing: unknown;
  await keyspace.swappable.quiesce(async () => {
    writing = keyspace.write(['k'], (_, stamp) => ({
      result: undefined,
      put: [entry('k', 'x', { version: stamp.version() })],
    }));
    await new Promise((resolve) => setImmediate(resolve));
    keyspace.swappable.swap(to);
    await keyspace.changes.start();
    keyspace.changes.subscribe({
      changed: (changes) => told.push(...changes.map(({ key }) => key)),
      overflowed: () => told.push('gap'),
      closed: () => undefined,
    });
  });
  await writing;
  await keyspace.changes.start();
  expect((await to.get('k'))?.key).to.equal('k');
  await keyspace.close();
  return told;
}

describe('a write that waits while its project moves', () => {
  it('is in the feed of the store that several servers share', async () => {
    expect(await writeAcross(new MemoryStore(), new LoggedStore())).to.deep.equal(['k']);
  });

  it('has readers of the feed of one server load again', async () => {
    expect(await writeAcross(new LoggedStore(), new MemoryStore())).to.deep.equal(['gap']);
  });

  it('is in the feed if both stores are shared', async () => {
    expect(await writeAcross(new LoggedStore(), new LoggedStore())).to.deep.equal(['k']);
  });
});
