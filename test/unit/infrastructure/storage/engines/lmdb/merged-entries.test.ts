import { dirname } from 'node:path';
import { expect } from 'chai';
import type { Entry } from '../../../../../../src/domain/entry.js';
import { compareKeys } from '../../../../../../src/domain/key.js';
import { LayerCopy } from '../../../../../../src/infrastructure/storage/engines/lmdb/checkpoint/copy-changes.js';
import { PendingLayers } from '../../../../../../src/infrastructure/storage/engines/lmdb/checkpoint/pending-layers.js';
import { MergedEntries } from '../../../../../../src/infrastructure/storage/engines/lmdb/entries/merged-entries.js';
import { StoredEntries } from '../../../../../../src/infrastructure/storage/engines/lmdb/entries/stored-entries.js';
import { openEnvironment } from '../../../../../../src/infrastructure/storage/engines/lmdb/environment/environment.js';
import { dataOf, sample, withLocation } from './lmdb-fixture.js';

describe('MergedEntries', () => {
  it('finds what is in LMDB, in a layer that is being copied, and in the one above, whatever the limit', () =>
    withLocation(async (location) => {
      const env = openEnvironment(dirname(dataOf(location)), false);
      const layers = new PendingLayers();
      const merged = new MergedEntries(new StoredEntries(env), layers);
      const model = new Map<string, Entry>();
      let sequence = 0;
      const commit = (put: readonly number[], remove: readonly number[]) => {
        const changed = [...put.map(sample), ...remove.map((n) => ({ key: `key ${n}` }))];
        const writes = changed.map((it) => ({ key: it.key, before: merged.header(it.key), entry: entryOf(it) }));
        layers.add(writes, ++sequence);
        for (const { key, entry } of writes) entry === undefined ? model.delete(key) : model.set(key, entry);
      };
      const seal = () => layers.seal({ keys: model.size, bytes: 0, hasMeta: true, sequence });
      commit([1, 2, 3, 4, 5, 60, 70, 80], []);
      await new LayerCopy(env, seal()).copyNext();
      layers.dropSealed();
      commit([10, 11, 12, 13, 14, 61, 2], [4]);
      seal();
      commit([14, 62], [10, 11, 12, 5, 61]);

      const all = [...model.values()].sort((a, b) => compareKeys(a.key, b.key));
      for (const ordered of [all, [...all].reverse()]) {
        for (let limit = 0; limit <= all.length + 1; limit++) {
          const range = { limit, reverse: ordered !== all };
          const keys = ordered.slice(0, limit).map(({ key }) => key);
          expect(
            merged.scan(range).map(({ key }) => key),
            `${limit}`,
          ).to.deep.equal(keys);
          expect(
            merged.scanHeads(range).map(({ key }) => key),
            `${limit}`,
          ).to.deep.equal(keys);
        }
      }
      await env.close();
    }));
});

function entryOf(it: Entry | { key: string }): Entry | undefined {
  return 'value' in it ? it : undefined;
}
