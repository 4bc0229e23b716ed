import { dirname } from 'node:path';
import { expect } from 'chai';
import type { Entry } from '../../../../../../src/domain/entry.js';
import { encodeRecord } from '../../../../../../src/infrastructure/storage/building-blocks/entry-record.js';
import type { KeyWrite } from '../../../../../../src/infrastructure/storage/building-blocks/write-group.js';
import { pagesFor } from '../../../../../../src/infrastructure/storage/engines/lmdb/checkpoint/file-room.js';
import {
  closeEnvironment,
  type Environment,
  openEnvironment,
} from '../../../../../../src/infrastructure/storage/engines/lmdb/environment/environment.js';
import { dataOf, withLocation } from './lmdb-fixture.js';

const VERSION = 1_700_000_000_000_000;

/** Kinds of transactions, each with the keys and values of its n-th write. */
const KINDS: Readonly<Record<string, (n: number) => { key: string; length: number; expires?: boolean }>> = {
  'small values in order': (n) => ({ key: `a${String(n).padStart(9, '0')}`, length: 20 }),
  'small values at random': (n) => ({ key: `b${scattered(n)}`, length: 100, expires: true }),
  'values of almost half a page': (n) => ({ key: `c${scattered(n)}`, length: 1900 }),
  'small values between large ones': (n) => ({ key: `c${scattered(n)}`, length: n % 9 === 0 ? 1950 : 1 }),
  'values with pages of their own': (n) => ({ key: `d${scattered(n)}`, length: 2100 + (n % 7) * 4000 }),
  'long keys': (n) => ({ key: `e${scattered(n)}${'x'.repeat(490)}`, length: 10, expires: true }),
};

describe('The room for a transaction of LMDB', () => {
  for (const [name, kind] of Object.entries(KINDS)) {
    it(`is never more than what is taken for it: ${name}`, () =>
      withLocation(async (location) => {
        const env = openEnvironment(dirname(dataOf(location)), true);
        const stored = new Map<string, Entry>();
        let n = 0;
        for (const size of [1, 3, 30, 1, 300, 1500, 10, 600]) {
          const writes = Array.from({ length: size }, (): KeyWrite => {
            const { key, length, expires } = kind(n++);
            const entry = entryOf(key, length, expires ? VERSION / 1000 + scattered(n) : undefined);
            return { key, before: headerOf(stored.get(key)), entry };
          });
          await commit(env, unique(writes), stored);
          // Half of what is there is removed or replaced.
          const keys = [...stored.keys()].filter((_, i) => i % 2 === size % 2).slice(0, 2 * size);
          const changed = keys.map((key, i): KeyWrite => {
            const entry = i % 3 === 0 ? entryOf(key, (i * 97) % 3000, VERSION / 1000 + i) : undefined;
            return { key, before: headerOf(stored.get(key)), entry };
          });
          await commit(env, changed, stored);
        }
        await closeEnvironment(env, false);
      }));
  }
});

async function commit(env: Environment, writes: readonly KeyWrite[], stored: Map<string, Entry>): Promise<void> {
  const records = writes.map(({ entry }) => entry && encodeRecord(entry));
  const pages = pagesFor(env, writes, records);
  const before = lastPage(env);
  await env.commit(() => {
    for (const [i, { key, before: old, entry }] of writes.entries()) {
      const record = records[i];
      if (old?.expiresAt !== undefined) env.expiry.remove({ expiresAt: old.expiresAt, key });
      if (record === undefined) env.entries.remove(key);
      else env.entries.put(key, record);
      if (entry?.expiresAt !== undefined) env.expiry.put({ expiresAt: entry.expiresAt, key }, Buffer.alloc(0));
    }
  });
  expect(lastPage(env) - before, `${writes.length} writes`).to.be.at.most(pages);
  for (const { key, entry } of writes) {
    if (entry === undefined) stored.delete(key);
    else stored.set(key, entry);
  }
}

function lastPage(env: Environment): number {
  return (env.root.getStats() as { lastPageNumber: number }).lastPageNumber;
}

function scattered(n: number): number {
  return (n * 2_654_435_761) % 4_294_967_291;
}

function unique(writes: readonly KeyWrite[]): KeyWrite[] {
  return [...new Map(writes.map((write) => [write.key, write])).values()];
}

function headerOf(entry: Entry | undefined): KeyWrite['before'] {
  return entry && { version: entry.version, bytes: 0, expiresAt: entry.expiresAt };
}

function entryOf(key: string, length: number, expiresAt: number | undefined): Entry {
  const times = { version: VERSION, createdAt: VERSION / 1000, updatedAt: VERSION / 1000 };
  const entry = { key, value: Buffer.alloc(length, 'v'), contentType: 'text/plain', ...times };
  return expiresAt === undefined ? entry : { ...entry, expiresAt };
}
