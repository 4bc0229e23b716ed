import assert from 'node:assert/strict';
import type { CommitLog, CommitRecord } from '../../src/application/ports/commit-log.js';
import type { Batch, Store } from '../../src/application/ports/store.js';
import type { Change } from '../../src/domain/change.js';
import { AppError, HistoryGoneError } from '../../src/domain/errors.js';
import { entry } from './store-fixture.js';

/** A store with a log. */
export type LoggedStore = Store & { readonly commitLog: CommitLog };

type DeclareTwice = (
  title: string,
  check: (a: LoggedStore, b: LoggedStore, shared: { open(): Promise<Store> }) => Promise<void>,
) => void;

/** What the log of the commits of a store promises that several nodes have open. */
export function commitLogContract(declare: DeclareTwice): void {
  declare(
    'has each commit once and whole, in the same order at all nodes, which leads to what is stored',
    async (...all) => {
      const [a, b, { open }] = all;
      const third = (await open()) as LoggedStore;
      const start = await startOf(b);
      const done: string[] = [];
      let changed = 0;
      const writer = async (store: Store, seed: number) => {
        for (let i = 0; i < 40; i++) {
          const few = Array.from(
            { length: 1 + ((seed * 7 + i * 3) % 5) },
            (_, j) => `k${(seed + i * 5 + j * 11) % 13}`,
          );
          const batch = writing(few, i % 4 === 3);
          assert.equal(await store.commit(batch), true);
          done.push(namesOf(batch.changes));
          changed += batch.changes?.length ?? 0;
        }
      };
      await Promise.all([0, 1, 2, 3, 4, 5].map((seed) => writer(seed % 2 === 0 ? a : b, seed)));
      const read = await readUpTo(a, start, await b.commitLog.end());
      // Some may have been made as one.
      const together = new Map(read.map(({ changes }) => [namesOf(changes), changes.length]));
      for (const name of done) assert.equal([...together.keys()].filter((it) => it.includes(name)).length, 1, name);
      assert.equal(
        [...together.values()].reduce((sum, it) => sum + it),
        changed,
      );
      assert.deepEqual(await readUpTo(third, start, await a.commitLog.end()), read);
      const last = new Map(read.flatMap(({ changes }) => changes.map((it) => [it.key, it] as const)));
      for (const [key, { event, version }] of last) {
        assert.equal((await b.get(key))?.version, event === 'put' ? version : undefined, `what the log says of ${key}`);
      }
      await third.close();
    },
  );

  declare('has commits in the order in which they were acknowledged', async (a, b) => {
    const start = await startOf(a);
    const batches: Batch[] = [];
    for (let i = 0; i < 30; i++) {
      const batch = writing([`k${i % 7}`], false);
      await (i % 2 === 0 ? a : b).commit(batch);
      batches.push(batch);
    }
    const read = await readUpTo(b, start, await a.commitLog.end());
    assert.deepEqual(
      read.map(({ changes }) => namesOf(changes)),
      batches.map(({ changes }) => namesOf(changes)),
    );
    const positions = read.map(({ position }) => position);
    assert.deepEqual([...new Set(positions)].sort(), positions, 'positions rise');
  });

  declare('is read on from any position at any node', async (a, b) => {
    const start = await startOf(a);
    for (let i = 0; i < 20; i++) await (i % 2 === 0 ? a : b).commit(writing([`k${i % 3}`, `l${i}`], false));
    const end = await a.commitLog.end();
    const all = await readUpTo(a, start, end);
    assert.equal(all.length, 20);
    for (const [i, { position }] of all.entries()) {
      assert.deepEqual(await readUpTo(i % 2 === 0 ? b : a, position, end), all.slice(i + 1));
    }
    assert.deepEqual(await readUpTo(b, end, end), []);
  });

  declare('has what is committed while it is read, and nothing that was refused or is not recorded', async (a, b) => {
    const stop = new AbortController();
    const pages = a.commitLog.read(undefined, stop.signal)[Symbol.asyncIterator]();
    await pages.next();
    const { changes: _, ...unrecorded } = writing(['a'], false);
    await b.commit(unrecorded);
    assert.equal(await b.commit({ ...writing(['b'], false), expect: [{ key: 'b', version: 1 }] }), false);
    const batches = [writing(['c'], false), writing(['d'], false)];
    for (const [node, batch] of [
      [b, batches[0]],
      [a, batches[1]],
    ] as const)
      await node.commit(batch as Batch);
    const seen: string[] = [];
    while (!seen.some((it) => it.includes(' d '))) {
      const { value } = await pages.next();
      seen.push(...(value?.commits ?? []).map((it: CommitRecord) => namesOf(it.changes)));
    }
    assert.equal(seen.join(''), batches.map(({ changes: recorded }) => namesOf(recorded)).join(''));
    const ended = pages.next();
    stop.abort();
    assert.equal((await ended).done, true);
  });

  declare('misses nothing after it began to be read, while both commit', async (a, b) => {
    let running = true;
    const begun: string[] = [];
    const done = new Set<string>();
    const write = async (store: Store, name: string) => {
      for (let i = 0; running; i++) {
        const batch = writing(i % 5 === 0 ? [`${name}${i}`, ...MANY] : [`${name}${i}`], false);
        begun.push(`${name}${i}`);
        await store.commit(batch);
        done.add(`${name}${i}`);
      }
    };
    const writers = [write(a, 'a'), write(b, 'b')];
    for (let round = 0; round < 10; round++) {
      const start = await startOf(round % 2 === 0 ? a : b);
      const from = begun.length;
      const isDone = (key: string) => done.has(key);
      while (begun.slice(from).filter(isDone).length < 8) await new Promise((resolve) => setTimeout(resolve, 1));
      const expected = begun.slice(from).filter(isDone);
      const read = await readUpTo(b, start, await a.commitLog.end());
      const keys = new Set(read.map(({ changes }) => changes[0]?.key));
      for (const key of expected) assert.ok(keys.has(key), `${key} is missing`);
    }
    running = false;
    await Promise.all(writers);
  });

  declare('is not read any longer once the store is closed', async (a) => {
    const pages = a.commitLog.read(undefined, new AbortController().signal)[Symbol.asyncIterator]();
    await pages.next();
    const next = pages.next();
    next.catch(() => undefined);
    await a.close();
    await assert.rejects(next, (error: unknown) => error instanceof AppError && error.code === 'unavailable');
  });

  declare('does not know positions that are not its own', async (a) => {
    const end = await a.commitLog.end();
    const later = end.slice(0, 12) + end.slice(12).replaceAll(/./g, 'f');
    for (const position of ['', 'x', `${end}0`, `${end[0] === '0' ? '1' : '0'}${end.slice(1)}`, later]) {
      const pages = a.commitLog.read(position, new AbortController().signal)[Symbol.asyncIterator]();
      await assert.rejects(async () => pages.next(), HistoryGoneError);
    }
  });
}

const MANY = Array.from({ length: 60 }, (_, i) => `many${i}`);

/** A commit of those keys, which puts them or removes them, with what the log gets. */
export function writing(keys: readonly string[], isRemoval: boolean): Batch {
  const each = [...new Set(keys)];
  const entries = each.map((key) => entry(key, 'x'));
  const changes = entries.map(
    ({ key, version }): Change => ({ event: isRemoval ? 'delete' : 'put', key, version, sizeBytes: isRemoval ? 0 : 1 }),
  );
  return isRemoval ? { remove: each, changes } : { put: entries, changes };
}

function namesOf(changes: readonly Change[] = []): string {
  return changes.map(({ event, key, version, sizeBytes }) => `${event} ${key} ${version} ${sizeBytes};`).join('');
}

/** The position from which on nothing is missing that is committed after this. */
export async function startOf({ commitLog }: LoggedStore): Promise<string> {
  for await (const { position } of commitLog.read(undefined, new AbortController().signal)) return position;
  throw new Error('a log had no first page');
}

/** The commits after a position, up to another one at least. */
export async function readUpTo({ commitLog }: LoggedStore, after: string, end: string): Promise<CommitRecord[]> {
  const commits: CommitRecord[] = [];
  for await (const page of commitLog.read(after, new AbortController().signal)) {
    commits.push(...page.commits);
    if (page.position >= end) break;
  }
  return commits;
}
