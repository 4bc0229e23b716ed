import assert from 'node:assert/strict';
import type { ReadView, Store } from '../../src/application/ports/store.js';
import type { Entry } from '../../src/domain/entry.js';
import { AppError } from '../../src/domain/errors.js';
import type { KeyBounds } from '../../src/domain/key.js';
import { type LoggedStore, writing } from './commit-log.contract.js';
import { assertSame, entry, keysOf } from './store-fixture.js';

/** A store with views and a log. */
export type ViewedStore = LoggedStore & { readonly readView: () => Promise<ReadView> };

interface Place {
  remove(): Promise<void>;
  fence(isFenced: boolean): Promise<void>;
}

type DeclareTwice = (title: string, check: (a: ViewedStore, b: ViewedStore, place: Place) => Promise<void>) => void;

/** More than a page of a view has. */
const MANY = 1300;

/** What the views of a store promise that several nodes have open. */
export function readViewContract(declare: DeclareTwice): void {
  asOfOneMoment(declare);
  lifecycle(declare);
}

function asOfOneMoment(declare: DeclareTwice): void {
  declare('show what was there when they began, whatever is changed, added and removed since', async (a, b) => {
    await fill(a, MANY);
    const before = await b.scan({ limit: 2 * MANY });
    const view = await b.readView();
    const read: Entry[] = [];
    let round = 0;
    const change = async (node: Store) => {
      const some = (from: number) => Array.from({ length: 40 }, (_, i) => (from + i * 31 + round * 7) % MANY);
      const put = [...new Set(some(0))].flatMap((i) => [entry(nameOf(i), `new ${round}`), entry(`${nameOf(i)}+`)]);
      const remove = [...new Set(some(17))].map(nameOf).filter((key) => !put.some((it) => it.key === key));
      await node.commit({ put, remove });
    };
    await change(a);
    for await (const page of view.pages({})) {
      read.push(...page);
      for (const node of [a, b, a]) await change(node);
      round += 1;
    }
    assert.ok(round > 1, 'there was more than a page');
    assertSame(read, before);
    await view.close();
  });

  declare('keep the sum of a bank while both move money', async (a, b) => {
    await fill(a, MANY, '1000');
    let ended = false;
    let next = 0;
    const transfer = async (node: Store) => {
      for (; !ended; ) {
        const [from, to] = [next % MANY, (next * 7 + 3) % MANY].map(nameOf) as [string, string];
        next += 1;
        if (from === to) continue;
        const [left, right] = (await node.getMany([from, to])) as [Entry, Entry];
        const expect = [left, right].map(({ key, version }) => ({ key, version }));
        await node.commit({ expect, put: [entry(from, `${amountOf(left) - 1}`), entry(to, `${amountOf(right) + 1}`)] });
      }
    };
    const running = [a, b, a, b].map(transfer);
    try {
      for (let i = 0; i < 6; i++) {
        const node = i % 2 === 0 ? a : b;
        const view = await node.readView();
        const all = await entriesOf(view);
        assert.equal(new Set(keysOf(all)).size, MANY, 'no key comes twice, and none is missing');
        assert.equal(all.length, MANY);
        const sum = all.reduce((total, it) => total + amountOf(it), 0);
        assert.equal(sum, MANY * 1000);
        await view.close();
      }
    } finally {
      ended = true;
      await Promise.all(running);
    }
  });

  declare('show what was acknowledged at either node before they began', async (a, b) => {
    for (let i = 0; i < 20; i++) {
      const [writer, reader] = i % 2 === 0 ? [a, b] : [b, a];
      const put = entry('k', `${i}`, i % 3 === 0 ? { expiresAt: 1, meta: '{"é":1}' } : {});
      await writer.commit({ put: [put] });
      const view = await reader.readView();
      await writer.commit({ remove: ['k'] });
      assertSame(await entriesOf(view), [put]);
      await view.close();
    }
  });

  declare('show the entries between two bounds, in the order of their bytes', async (a, b) => {
    const rest = ['', '\0', 'a', 'b', 'b\0', 'ba', 'c', '\ud7ff', '\ue000', '\uffff', '\u{10000}'];
    await a.commit({ put: [...rest.map((it) => `k${it}`), 'j', 'l'].map((name) => entry(name, name)) });
    const all = await b.scan({ limit: 100 });
    const view = async (bounds: KeyBounds) => {
      const opened = await a.readView();
      await b.commit({ put: all.map(({ key }) => entry(key, 'other')) });
      const found = await entriesOf(opened, bounds);
      await opened.close();
      await b.commit({ put: all });
      return found;
    };
    assertSame(await view({}), all);
    const both = [
      { start: 'ka', end: 'kc' },
      { prefix: 'k', start: 'kb\0' },
    ];
    for (const bounds of [{ prefix: 'k' }, { prefix: 'kb' }, ...both]) {
      assertSame(await view(bounds), await b.scan({ ...bounds, limit: 100 }));
    }
    assertSame(await view({ prefix: 'nothing' }), []);
  });

  declare('show large values, and what they were', async (a, b) => {
    const large = (fill: string) => fill.repeat(700_000);
    await a.commit({ put: ['a', 'b', 'c', 'd'].map((key) => entry(key, large(key))) });
    const view = await b.readView();
    await a.commit({ put: ['b', 'c'].map((key) => entry(key, large('x'))), remove: ['d'] });
    const found = await entriesOf(view);
    assert.deepEqual(keysOf(found), ['a', 'b', 'c', 'd']);
    for (const { key, value } of found) assert.ok(Buffer.from(value).equals(Buffer.from(large(key))), key);
    await view.close();
  });

  declare('are of several moments at a time', async (a, b) => {
    const views: ReadView[] = [];
    for (let i = 0; i < 3; i++) {
      await a.commit({ put: [entry('k', `${i}`), entry(`k${i}`)] });
      views.push(await (i % 2 === 0 ? a : b).readView());
    }
    await b.commit({ remove: ['k', 'k0', 'k1', 'k2'] });
    for (const [i, view] of views.entries()) {
      const found = await entriesOf(view);
      assert.deepEqual(keysOf(found), ['k', 'k0', 'k1', 'k2'].slice(0, 2 + i));
      assert.equal(Buffer.from(found[0]?.value ?? []).toString(), `${i}`);
      await view.close();
    }
  });
}

function lifecycle(declare: DeclareTwice): void {
  declare('do not hold up the log, the fence, or the removal of their store', async (a, b, { fence, remove }) => {
    await fill(a, MANY);
    const view = await b.readView();
    const pages = view.pages({});
    const { commitLog } = a;
    const position = await commitLog.end();
    // The first page was read, and more follow.
    assert.equal((await pages[Symbol.asyncIterator]().next()).done, false);
    await b.commit(writing(['logged'], false));
    for await (const { commits } of commitLog.read(position, AbortSignal.timeout(30_000))) {
      if (commits.length > 0) break;
    }
    await fence(true);
    await fence(false);
    await remove();
    await view.close();
  });

  declare('end when they are closed, which does nothing the second time', async (a, b) => {
    await fill(a, MANY);
    const [view, other] = [await b.readView(), await b.readView()];
    const pages = view.pages({})[Symbol.asyncIterator]();
    await pages.next();
    await view.close();
    await view.close();
    await assert.rejects(async () => pages.next(), isUnavailable);
    assert.equal((await entriesOf(other)).length, MANY);
    await other.close();
  });

  declare('end when their store is closed, and not when the other one is', async (a, b) => {
    await fill(a, 10);
    const [ending, other] = [await a.readView(), await b.readView()];
    await a.close();
    await assert.rejects(async () => entriesOf(ending), isUnavailable);
    await assert.rejects(async () => a.readView(), isUnavailable);
    assert.equal((await entriesOf(other)).length, 10);
    await Promise.all([ending.close(), other.close()]);
  });
}

function isUnavailable(error: unknown): boolean {
  return error instanceof AppError && error.code === 'unavailable';
}

function nameOf(i: number): string {
  return `k${`${i}`.padStart(5, '0')}`;
}

function amountOf({ value }: Entry): number {
  return Number(Buffer.from(value).toString());
}

async function fill(store: Store, count: number, value = 'old'): Promise<void> {
  for (let from = 0; from < count; from += 300) {
    const length = Math.min(300, count - from);
    await store.commit({ put: Array.from({ length }, (_, i) => entry(nameOf(from + i), value)) });
  }
}

async function entriesOf(view: ReadView, bounds: KeyBounds = {}): Promise<Entry[]> {
  const all: Entry[] = [];
  for await (const page of view.pages(bounds)) all.push(...page);
  return all;
}
