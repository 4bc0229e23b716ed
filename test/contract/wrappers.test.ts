import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Store } from '../../src/application/ports/store.js';
import type { Entry } from '../../src/domain/entry.js';
import { MemoryStore } from '../../src/infrastructure/storage/building-blocks/memory-store.js';
import { failuresOf } from '../harness/failures-of.js';
import { storeContract } from './store.contract.js';
import { WRAPPERS, wrapperFixture } from './wrappers.js';

for (const [name, { wrap, engines }] of Object.entries(WRAPPERS)) {
  for (const engine of engines) storeContract({ describe, it }, wrapperFixture(name, wrap, engine));
}

const STORES = 'src/application/stores';

describe('wrappers', () => {
  it('are all tested', async () => {
    const sources = await Promise.all((await readdir(STORES)).map((name) => readFile(join(STORES, name), 'utf8')));
    const classes = sources.flatMap((source) => [
      ...source.matchAll(/^export class (\w+) (?:implements Store|extends StoreWrapper)\b/gm),
    ]);
    const tested = new Set(Object.values(WRAPPERS).map(({ wrap }) => wrap(new MemoryStore()).constructor.name));
    expect([...tested]).to.have.members(classes.map(([, name]) => name));
  });

  for (const [name, { wrap }] of Object.entries(WRAPPERS)) {
    it(`report what their store cannot read: ${name}`, () => {
      expect(wrap(new UnreadableStore()).unreadable()).to.deep.equal(UNREADABLE);
    });
  }
});

/** Wrappers with one mistake, and a test of the suite that finds it. */
const BROKEN: Readonly<Record<string, readonly [mistake: (inner: Store) => Partial<Store>, found: RegExp]>> = {
  'forgets what cannot be read': [() => ({ unreadable: () => undefined as never }), /reports nothing as unreadable/],
  'drops `start`': [(inner) => ({ scan: ({ limit }) => inner.scan({ limit }) }), /pages through everything once/],
  'drops the direction': [
    (inner) => ({ scan: ({ reverse: _, ...range }) => inner.scan(range) }),
    /scans from `start` on and before `end`, in both directions/,
  ],
  'reports other sizes': [
    (inner) => ({ scanHeads: async (range) => (await inner.scanHeads(range)).map((it) => ({ ...it, sizeBytes: 0 })) }),
    /scans heads as it scans entries/,
  ],
  'drops what a commit expects': [
    (inner) => ({ commit: ({ put = [], remove = [] }) => inner.commit({ put, remove }) }),
    /commits only if every expectation holds/,
  ],
  'forgets to close': [() => ({ close: () => undefined }), /rejects every call after close/],
  'drops metadata': [
    (inner) => ({
      commit: ({ put = [], ...batch }) =>
        inner.commit({ ...batch, put: put.map(({ meta: _, ...entry }) => entry as Entry) }),
    }),
    /keeps metadata in get, getMany and scan/,
  ],
  'caches the size': [
    (inner) => {
      const size = inner.size();
      return { size: () => size };
    },
    /counts keys and bytes exactly/,
  ],
};

describe('the contract suite fails for a wrapper that', () => {
  for (const [name, [mistake, found]] of Object.entries(BROKEN)) {
    it(name, async () => {
      const fixture = wrapperFixture(name, (inner) => brokenBy(mistake, inner), 'memory');
      const failed = await failuresOf((tests) => storeContract(tests, fixture));
      expect(failed.filter((title) => found.test(title))).to.not.be.empty;
    });
  }
});

const UNREADABLE = ['a file is damaged'];

class UnreadableStore extends MemoryStore {
  override unreadable() {
    return UNREADABLE;
  }
}

/** A wrapper that passes everything on, but for what `mistake` replaces. */
function brokenBy(mistake: (inner: Store) => Partial<Store>, inner: Store): Store {
  const passed: Store = {
    get: (key) => inner.get(key),
    getMany: (keys) => inner.getMany(keys),
    scan: (range) => inner.scan(range),
    scanHeads: (range) => inner.scanHeads(range),
    expiring: (before, limit) => inner.expiring(before, limit),
    size: () => inner.size(),
    unreadable: () => inner.unreadable(),
    commit: (batch) => inner.commit(batch),
    close: () => inner.close(),
  };
  return { ...passed, ...mistake(inner) };
}
