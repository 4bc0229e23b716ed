import assert from 'node:assert/strict';
import type { Batch, Store } from '../../src/application/ports/store.js';
import { AppError, LimitExceededError, StoreFencedError } from '../../src/domain/errors.js';
import { commitLogContract, type LoggedStore } from './commit-log.contract.js';
import { readViewContract, type ViewedStore } from './read-view.contract.js';
import { assertSame, entry, keysOf, type StoreFixture, type TestFramework } from './store-fixture.js';

/** The place of the store: opens it once more, or removes or fences it while it is open. */
interface Shared {
  open(): Promise<Store>;
  remove(): Promise<void>;
  fence(isFenced: boolean): Promise<void>;
}

/** Declares a promise of a store that is open twice, as at two nodes. */
type DeclareTwice = (title: string, check: (a: Store, b: Store, shared: Shared) => Promise<void>) => void;

/** What a store promises that several nodes have open at the same time; for others, why it does not apply. */
export function severalNodesContract(tests: TestFramework, fixture: StoreFixture): void {
  const { severalNodes = 'its fixture does not say that several nodes may open it' } = fixture;
  if (severalNodes !== true) {
    tests.it(`does not apply: ${severalNodes}`, async () => undefined);
    return;
  }
  const declare: DeclareTwice = (title, check) => tests.it(title, () => withTwo(fixture, check));
  visibility(declare);
  expectations(declare);
  counters(declare);
  limits(declare);
  fences(declare);
  lifecycle(declare);
  commitLogContract((title, check) =>
    declare(`has a log of commits that ${title}`, (a, b, shared) => check(a as LoggedStore, b as LoggedStore, shared)),
  );
  readViewContract((title, check) =>
    declare(`has views that ${title}`, (a, b, shared) => check(a as ViewedStore, b as ViewedStore, shared)),
  );
}

/** Lets a store go on that answers in a later turn of the event loop. */
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

function visibility(declare: DeclareTwice): void {
  declare('reads what the other committed, at once and in every way', async (a, b) => {
    for (let i = 0; i < 20; i++) {
      const [writer, reader] = i % 2 === 0 ? [a, b] : [b, a];
      const put = entry('k', 'x'.repeat(i), { expiresAt: 1000 + i });
      await writer.commit({ put: [put] });
      assertSame([await reader.get('k')], [put]);
      assertSame(await reader.getMany(['k', 'k']), [put, put]);
      assertSame(await reader.scan({ limit: 2 }), [put]);
      assert.equal((await reader.scanHeads({ limit: 2 }))[0]?.version, put.version);
      assert.deepEqual(await reader.expiring(1000 + i, 2), ['k']);
      assert.deepEqual({ ...(await reader.size()) }, { keys: 1, bytes: 1 + i });
    }
    await a.commit({ remove: ['k'] });
    assert.equal(await b.get('k'), undefined);
    assert.deepEqual(await b.scan({ limit: 1 }), []);
  });

  declare('reads as of one moment while the other commits', async (a, b) => {
    const keys = ['a', 'm', 'z'];
    let running = true;
    const write = async () => {
      for (let i = 1; i <= 100; i++) await a.commit({ put: keys.map((key) => entry(key, '', { version: i })) });
      running = false;
    };
    const read = async () => {
      while (running) {
        for (const found of [await b.getMany(keys), await b.scan({ limit: 3 })]) {
          assert.ok(new Set(found.map((it) => it?.version)).size <= 1, 'half a commit was seen');
        }
        await nextTurn();
      }
    };
    await Promise.all([write(), read()]);
  });
}

function expectations(declare: DeclareTwice): void {
  declare('loses no write of 32 rivals on both that compare and set one key', async (a, b) => {
    const add = async (store: Store) => {
      for (;;) {
        const before = await store.get('n');
        const count = Number(Buffer.from(before?.value ?? []).toString()) + 1;
        const expect = [{ key: 'n', version: before?.version }];
        if (await store.commit({ expect, put: [entry('n', `${count}`)] })) return;
      }
    };
    await Promise.all(Array.from({ length: 32 }, (_, i) => add(i % 2 === 0 ? a : b)));
    assert.equal(Buffer.from((await a.get('n'))?.value ?? []).toString(), '32');
  });

  declare('creates a key for one of 32 rivals on both that expect it absent', async (a, b) => {
    const expect = [{ key: 'a', version: undefined }];
    const puts = Array.from({ length: 32 }, (_, i) => entry('a', `${i}`));
    const won = await Promise.all(puts.map((put, i) => (i % 2 === 0 ? a : b).commit({ expect, put: [put] })));
    assert.equal(won.filter(Boolean).length, 1);
    assertSame([await a.get('a'), await b.get('a')], [puts[won.indexOf(true)], puts[won.indexOf(true)]]);
  });

  declare('accepts one of two commits that each expect that what the other puts is absent', async (a, b) => {
    await oneOfTwo(a, b, async (i) => [
      { expect: [{ key: `y${i}`, version: undefined }], put: [entry(`x${i}`)] },
      { expect: [{ key: `x${i}`, version: undefined }], put: [entry(`y${i}`)] },
    ]);
  });

  declare('accepts one of two commits that each expect what the other changes', async (a, b) => {
    await oneOfTwo(a, b, async () => {
      const [x, y] = [entry('x'), entry('y')];
      await a.commit({ put: [x, y] });
      return [
        { expect: [{ key: 'y', version: y.version }], put: [entry('x')] },
        { expect: [{ key: 'x', version: x.version }], put: [entry('y')] },
      ];
    });
  });

  declare('accepts one of two commits that each expect what the other removes', async (a, b) => {
    await oneOfTwo(a, b, async (i) => {
      const [x, y] = [entry('x'), entry('y')];
      await a.commit({ put: [x, y] });
      return [
        { expect: [{ key: 'y', version: y.version }], put: [entry(`p${i}`)], remove: ['x'] },
        { expect: [{ key: 'x', version: x.version }], put: [entry(`q${i}`)], remove: ['y'] },
      ];
    });
  });

  declare('accepts every blind commit of both on the same keys', async (a, b) => {
    const commits = Array.from({ length: 60 }, (_, i) => {
      const [one, two] = i % 4 < 2 ? ['m', 'n'] : ['n', 'm'];
      const batch = i % 3 === 2 ? { remove: [one, two] } : { put: [entry(one, `${i}`), entry(two, `${i}`)] };
      return (i % 2 === 0 ? a : b).commit(batch as Batch);
    });
    assert.ok((await Promise.all(commits)).every(Boolean));
    const [m, n] = await a.getMany(['m', 'n']);
    assert.deepEqual(m && Buffer.from(m.value), n && Buffer.from(n.value));
  });
}

function counters(declare: DeclareTwice): void {
  declare('counts exactly, and lists exactly what expires, whatever both did', async (a, b) => {
    await Promise.all(
      Array.from({ length: 200 }, (_, i) => {
        const key = `k${i % 40}`;
        const put = entry(key, 'x'.repeat(i), i % 5 === 0 ? {} : { expiresAt: 1 + (i % 7), meta: '{"é":1}' });
        return (i % 2 === 0 ? a : b).commit(i % 3 === 2 ? { remove: [key] } : { put: [put] });
      }),
    );
    const all = await a.scan({ limit: 1000 });
    const bytesOf = (it: (typeof all)[number]) =>
      Buffer.byteLength(it.key) + it.value.length + Buffer.byteLength(it.meta ?? '');
    const size = { keys: all.length, bytes: all.reduce((sum, it) => sum + bytesOf(it), 0) };
    const expiring = keysOf(all.filter(({ expiresAt = Number.POSITIVE_INFINITY }) => expiresAt <= 5)).sort();
    for (const store of [a, b]) {
      assert.deepEqual({ ...(await store.size()) }, size);
      assert.deepEqual([...(await store.expiring(5, 1000))].sort(), expiring);
    }
  });
}

function limits(declare: DeclareTwice): void {
  declare('lets exactly as many keys in as commits allow, whichever node they come from', async (a, b, { open }) => {
    const nodes = [a, b, await open()];
    const limit = { keys: 1000, bytes: 1e9 };
    const put = async (i: number) => {
      const [one, two] = [entry(`k${i}`, 'x'), entry(`l${i}`, 'x')];
      return commitWithin(nodes[i % 3] as Store, { put: i % 4 === 0 ? [one, two] : [one], limit });
    };
    let next = 0;
    const won: boolean[] = [];
    const writer = async () => {
      for (let i = next++; i < 1100; i = next++) won[i] = await put(i);
    };
    await Promise.all(Array.from({ length: 48 }, writer));
    assert.equal(await commitWithin(b, { put: [entry('last')], limit: { ...limit, keys: 1000 } }), false);
    assert.equal((await a.size()).keys, 1000);
    const acknowledged = won.reduce((sum, it, i) => sum + (it ? (i % 4 === 0 ? 2 : 1) : 0), 0);
    assert.equal(acknowledged, 1000);
    assert.equal((await a.scan({ limit: 2000 })).length, 1000);
    await nodes[2]?.close();
  });

  declare('counts bytes within the commit, without those that do not count', async (a, b) => {
    const limit = { keys: 1e9, bytes: 500, uncounted: 10 };
    const puts = Array.from({ length: 60 }, (_, i) => ({ put: [entry(`${10 + i}`, 'x'.repeat(18))], limit }));
    const won = await Promise.all(puts.map((batch, i) => commitWithin(i % 2 === 0 ? a : b, batch)));
    assert.equal(won.filter(Boolean).length, 50);
    assert.deepEqual({ ...(await b.size()) }, { keys: 50, bytes: 1000 });
  });

  declare('says which limit a commit exceeds, and accepts what adds nothing', async (a, b) => {
    await a.commit({ put: ['a', 'b', 'c', 'd'].map((key) => entry(key, '12345')) });
    const limit = { keys: 1, bytes: 1 };
    assert.equal(await commitWithin(b, { put: [entry('a', '54321')], limit }), true);
    assert.equal(await commitWithin(a, { put: [entry('a', '1')], limit }), true);
    assert.equal(await commitWithin(b, { put: [entry('e', '1')], remove: ['b'], limit }), true);
    assert.equal(await commitWithin(a, { remove: ['c', 'nothing'], limit }), true);
    assert.deepEqual({ ...(await b.size()) }, { keys: 3, bytes: 10 });
    await assert.rejects(async () => a.commit({ put: [entry('f')], limit }), { limit: 'keys', wouldBe: 4 });
    await assert.rejects(async () => b.commit({ put: [entry('a', '12')], limit }), { limit: 'bytes', wouldBe: 11 });
    const expect = [{ key: 'a', version: 1 }];
    assert.equal(await a.commit({ expect, put: [entry('f')], limit }), false);
    // What another node removed is room at once.
    await b.commit({ remove: ['d', 'e'] });
    assert.equal(await commitWithin(a, { put: [entry('f')], limit: { keys: 2, bytes: 3 } }), true);
  });
}

function fences(declare: DeclareTwice): void {
  const isRefused = (error: unknown) => error instanceof StoreFencedError;

  declare(
    'refuses commits of a node that slept, and of one that opens it later, while it is fenced',
    async (...all) => {
      const [a, b, { open, fence }] = all;
      const before = entry('a');
      await a.commit({ put: [before] });
      await fence(true);
      const late = await open();
      const expect = [{ key: 'a', version: before.version }];
      const limit = { keys: 10, bytes: 100 };
      for (const store of [a, b, late]) {
        for (const batch of [{ put: [entry('b')] }, { expect, put: [entry('a')] }, { expect, remove: ['a'] }]) {
          await assert.rejects(async () => store.commit(batch), isRefused);
          await assert.rejects(async () => store.commit({ ...batch, limit }), isRefused);
        }
        assertSame(await store.scan({ limit: 10 }), [before]);
        assert.deepEqual({ ...(await store.size()) }, { keys: 1, bytes: 1 });
      }
      await fence(false);
      assert.equal(await b.commit({ expect, put: [entry('a')] }), true);
      await late.close();
    },
  );

  declare('commits nothing after it was fenced, of what ran meanwhile', async (a, b, { fence }) => {
    const keys = Array.from({ length: 200 }, (_, i) => `k${i}`);
    const commits = keys.map(async (key, i) => {
      for (let turn = 0; turn < i / 10; turn++) await nextTurn();
      return (i % 2 === 0 ? a : b).commit({ put: [entry(key)] });
    });
    const ended = Promise.allSettled(commits);
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    await fence(true);
    const there = keysOf(await a.scan({ limit: 1000 }));
    const outcomes = await ended;
    assert.deepEqual(keysOf(await b.scan({ limit: 1000 })), there);
    const acknowledged = keys.filter((_, i) => outcomes[i]?.status === 'fulfilled');
    assert.deepEqual(there, acknowledged.sort());
    for (const it of outcomes) assert.ok(it.status === 'fulfilled' || isRefused(it.reason));
  });
}

/** False if the commit would exceed its limit. */
async function commitWithin(store: Store, batch: Batch): Promise<boolean> {
  try {
    return await store.commit(batch);
  } catch (error) {
    if (error instanceof LimitExceededError) return false;
    throw error;
  }
}

function lifecycle(declare: DeclareTwice): void {
  declare('works on after the other was closed', async (a, b) => {
    await a.commit({ put: [entry('a')] });
    await a.close();
    assert.equal(await b.commit({ put: [entry('b')] }), true);
    assert.deepEqual(keysOf(await b.scan({ limit: 10 })), ['a', 'b']);
  });

  declare('refuses what comes after it was removed while it was open', async (a, b, { remove }) => {
    const before = entry('a');
    await a.commit({ put: [before] });
    await remove();
    const isUnavailable = (error: unknown) => error instanceof AppError && error.code === 'unavailable';
    await assert.rejects(async () => b.commit({ put: [entry('b')] }), isUnavailable);
    await assert.rejects(
      async () => b.commit({ expect: [{ key: 'a', version: before.version }], put: [entry('a')] }),
      isUnavailable,
    );
    await assert.rejects(async () => a.get('a'), isUnavailable);
  });
}

/** Commits the two at the same time, in many rounds; at most one of them may succeed, and none may be half done. */
async function oneOfTwo(a: Store, b: Store, batches: (round: number) => Promise<[Batch, Batch]>): Promise<void> {
  for (let i = 0; i < 40; i++) {
    const [left, right] = await batches(i);
    const won = await Promise.all([a.commit(left), b.commit(right)]);
    assert.ok(won.filter(Boolean).length <= 1, `both succeeded in round ${i}`);
    for (const [j, { put = [] }] of [left, right].entries()) {
      const keys = put.map(({ key }) => key);
      const found = await a.getMany(keys);
      const isThere = found.every((it, at) => it?.version === put[at]?.version);
      assert.equal(isThere, won[j], `what a commit returned and did differ in round ${i}`);
    }
  }
}

async function withTwo(fixture: StoreFixture, check: Parameters<DeclareTwice>[1]): Promise<void> {
  const place = await fixture.begin();
  const [a, b] = [await place.open(), await place.open()];
  try {
    await check(a, b, {
      open: () => place.open(),
      remove: async () => place.remove?.(),
      fence: async (is) => place.fence?.(is),
    });
  } finally {
    await Promise.allSettled([(async () => a.close())(), (async () => b.close())()]);
    await place.dispose();
  }
}
