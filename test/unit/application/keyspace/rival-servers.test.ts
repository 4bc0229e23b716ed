import { expect } from 'chai';
import { Keyspace } from '../../../../src/application/keyspace/keyspace.js';
import { Versions } from '../../../../src/application/keyspace/versions.js';
import type { Batch, Store } from '../../../../src/application/ports/store.js';
import { SwappableStore } from '../../../../src/application/stores/swappable-store.js';
import { AppError } from '../../../../src/domain/errors.js';
import { MemoryStore } from '../../../../src/infrastructure/storage/building-blocks/memory-store.js';
import { entry } from '../../../contract/store-fixture.js';

/** A keyspace as a server opens it whose clock is ahead by so many ms. */
function serverOf(store: Store, ahead = 0): Keyspace {
  const clock = { now: () => Date.now() + ahead };
  const swappable = new SwappableStore(store);
  const versions = new Versions(clock, 0, async () => undefined);
  const rules = { quota: () => ({ maxKeys: Infinity, maxTotalBytes: Infinity }), check: () => undefined };
  return new Keyspace('p', swappable, swappable, clock, versions, rules as never, undefined as never);
}

async function put(server: Keyspace, key: string): Promise<number> {
  return server.write([key], (_, stamp) => {
    const version = stamp.version();
    return { result: version, put: [entry(key, '', { version })] };
  });
}

/** Refuses commits as if another server had been faster, so many times. */
class ContendedStore extends MemoryStore {
  attempts = 0;

  constructor(private refusals: number) {
    super();
  }

  override commit(batch: Batch): boolean {
    this.attempts += 1;
    if (this.refusals-- > 0) return false;
    return super.commit(batch) as boolean;
  }
}

describe('two servers on one store', () => {
  it('give a key versions that rise, whatever their clocks show', async () => {
    const store = new MemoryStore();
    const servers = [serverOf(store), serverOf(store, -3_600_000), serverOf(store, 10_000)];
    let last = 0;
    for (let i = 0; i < 60; i++) {
      const version = await put(servers[(i * 7) % 3] as Keyspace, 'k');
      expect(version).to.be.above(last);
      last = version;
    }
  });

  it('do not follow a version that no clock can have given', async () => {
    const store = new MemoryStore();
    await store.commit({ put: [entry('damaged', '', { version: Number.MAX_SAFE_INTEGER })] });
    const server = serverOf(store);
    expect(await put(server, 'damaged')).to.be.below(Number.MAX_SAFE_INTEGER / 2);
  });
});

describe('a write whose commit is refused', () => {
  it('is repeated until it succeeds', async () => {
    const store = new ContendedStore(12);
    await put(serverOf(store), 'k');
    expect(store.attempts).to.equal(13);
    expect((await store.get('k'))?.key).to.equal('k');
  });

  it('is refused as unavailable in the end, and leaves the key to others', async () => {
    const store = new ContendedStore(100);
    const server = serverOf(store);
    const error = await put(server, 'k').catch((it: unknown) => it);
    expect(error).to.be.instanceOf(AppError).with.property('code', 'unavailable');
    expect(store.attempts).to.equal(100);
    await put(server, 'k');
  });
});
