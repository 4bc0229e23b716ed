import assert from 'node:assert/strict';
import type * as FastCheck from 'fast-check';
import type { Batch, Range, Store } from '../../src/application/ports/store.js';
import { type Entry, entryBytes, headOf } from '../../src/domain/entry.js';
import {
  AWKWARD_KEYS,
  assertSame,
  entry,
  inByteOrder,
  isWithin,
  type StoreFixture,
  type TestFramework,
  withStore,
} from './store-fixture.js';

type Command =
  | {
      readonly do: 'commit';
      readonly puts: readonly Put[];
      readonly removes: readonly string[];
      readonly guards: readonly Guard[];
    }
  | { readonly do: 'getMany'; readonly keys: readonly string[] }
  | { readonly do: 'scan'; readonly range: Range }
  | { readonly do: 'expiring'; readonly before: number; readonly limit: number }
  | { readonly do: 'reopen' };
interface Put {
  readonly key: string;
  readonly value: Uint8Array;
  readonly expiresAt: number | undefined;
  readonly meta: string | undefined;
}
interface Guard {
  readonly key: string;
  readonly right: boolean;
}

/**
 * Random commands against a plain map. A failure prints its seed and the shortest list of commands that shows it. Only
 * this chapter needs fast-check, so it is loaded when the test runs.
 */
export function modelContract(tests: TestFramework, fixture: StoreFixture): void {
  tests.it('returns for random commands what a sorted map would', async () => {
    const fc = await loadFastCheck();
    const property = fc.asyncProperty(fc.array(command(fc, fixture.durable), { maxLength: 40 }), (commands) =>
      withStore(fixture, (store, reopen) => run(commands, store, reopen)),
    );
    await fc.assert(property, { numRuns: 60, interruptAfterTimeLimit: 8000, markInterruptAsFailure: false });
  });
}

async function loadFastCheck(): Promise<typeof FastCheck> {
  try {
    return await import('fast-check');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new Error('This test needs a package: npm install --save-dev fast-check', { cause });
  }
}

async function run(commands: readonly Command[], first: Store, reopen: () => Promise<Store>): Promise<void> {
  const model = new Map<string, Entry>();
  let store = first;
  for (const it of commands) {
    if (it.do === 'reopen') store = await reopen();
    else if (it.do === 'getMany')
      assertSame(
        await store.getMany(it.keys),
        it.keys.map((key) => model.get(key)),
      );
    else if (it.do === 'scan') {
      assertSame(await store.scan(it.range), scan(model, it.range));
      assert.deepEqual(await store.scanHeads(it.range), scan(model, it.range).map(headOf));
    } else if (it.do === 'expiring') await checkExpiring(store, model, it.before, it.limit);
    else await commit(store, model, it);
  }
  assertSame(await store.scan({ limit: 1000 }), scan(model, { limit: 1000 }));
  await checkExpiring(store, model, 100, 1000);
}

async function commit(store: Store, model: Map<string, Entry>, it: Command & { do: 'commit' }): Promise<void> {
  const put = [...new Map(it.puts.map((one) => [one.key, one])).values()].map(({ key, value, expiresAt, meta }) =>
    entry(key, value, { ...(expiresAt === undefined ? {} : { expiresAt }), ...(meta === undefined ? {} : { meta }) }),
  );
  const remove = [...new Set(it.removes)].filter((key) => !put.some((one) => one.key === key));
  const expect = it.guards.map(({ key, right }) => ({ key, version: right ? model.get(key)?.version : 17 }));
  const batch: Batch = { expect, put, remove };
  const holds = it.guards.every((guard) => guard.right);
  assert.equal(await store.commit(batch), holds);
  if (holds) {
    for (const key of remove) model.delete(key);
    for (const one of put) model.set(one.key, one);
  }
  const bytes = [...model.values()].reduce((sum, one) => sum + entryBytes(one), 0);
  assert.deepEqual({ ...(await store.size()) }, { keys: model.size, bytes });
}

function scan(model: Map<string, Entry>, { prefix = '', start, end, reverse, limit }: Range): Entry[] {
  const keys = inByteOrder(model.keys()).filter((key) => key.startsWith(prefix) && isWithin(key, start, end));
  if (reverse) keys.reverse();
  return keys.slice(0, limit).map((key) => model.get(key) as Entry);
}

/** Keys that expire at the same instant may come in any order. */
async function checkExpiring(store: Store, model: Map<string, Entry>, before: number, limit: number): Promise<void> {
  const timeOf = (key: string) => model.get(key)?.expiresAt;
  const times = [...model.keys()].map(timeOf).filter((at) => at !== undefined && at <= before);
  const found = await store.expiring(before, limit);
  assert.deepEqual(found.map(timeOf), times.sort((a = 0, b = 0) => a - b).slice(0, limit));
  assert.equal(new Set(found).size, found.length);
}

function command(fc: typeof FastCheck, durable: boolean): FastCheck.Arbitrary<Command> {
  const key = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'a/b', '\uffff', '😀') },
    { weight: 1, arbitrary: fc.constantFrom(...AWKWARD_KEYS) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }) },
  );
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json()).map((it) => new Uint8Array(Buffer.from(it)));
  const value = fc.oneof(text, fc.uint8Array({ maxLength: 2000 }));
  const expiresAt = fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined });
  const meta = fc.option(
    fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 }).map((it) => JSON.stringify(it)),
    { nil: undefined, freq: 2 },
  );
  const range = fc.record(
    { prefix: key, start: key, end: key, reverse: fc.boolean(), limit: fc.integer({ min: 1, max: 5 }) },
    { requiredKeys: ['limit'] },
  );
  const commands: FastCheck.Arbitrary<Command>[] = [
    fc.record({
      do: fc.constant('commit' as const),
      puts: fc.array(fc.record({ key, value, expiresAt, meta }), { maxLength: 4 }),
      removes: fc.array(key, { maxLength: 3 }),
      guards: fc.array(fc.record({ key, right: fc.constantFrom(true, true, true, false) }), { maxLength: 2 }),
    }),
    fc.record({ do: fc.constant('getMany' as const), keys: fc.array(key, { maxLength: 5 }) }),
    fc.record({ do: fc.constant('scan' as const), range }),
    fc.record({
      do: fc.constant('expiring' as const),
      before: fc.integer({ min: 0, max: 110 }),
      limit: fc.integer({ min: 1, max: 5 }),
    }),
  ];
  if (durable) commands.push(fc.constant({ do: 'reopen' }));
  return fc.oneof(...commands);
}
