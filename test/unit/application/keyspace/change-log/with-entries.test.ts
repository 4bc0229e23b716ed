import { expect } from 'chai';
import { withEntries } from '../../../../../src/application/keyspace/change-log/with-entries.js';
import type { Change } from '../../../../../src/domain/change.js';
import { MemoryStore } from '../../../../../src/infrastructure/storage/building-blocks/memory-store.js';
import { entry } from '../../../../contract/store-fixture.js';

describe('withEntries', () => {
  it('reads each key once whose last change is a put, and none that was removed', async () => {
    const store = new MemoryStore();
    const [a, b, removed] = [entry('a', 'x'), entry('b', 'x'), entry('removed', 'put again since')];
    await store.commit({ put: [a, b, removed] });
    const read: string[] = [];
    const keyspace = {
      getMany: async (keys: readonly string[]) => {
        read.push(...keys);
        return keys.map((key) => store.get(key));
      },
    };
    const changes: Change[] = [
      { event: 'put', key: 'a', version: a.version - 1, sizeBytes: 1 },
      { event: 'put', key: 'removed', version: 1, sizeBytes: 1 },
      { event: 'put', key: 'a', version: a.version, sizeBytes: 1 },
      { event: 'delete', key: 'removed', version: removed.version, sizeBytes: 0 },
      { event: 'put', key: 'b', version: 1, sizeBytes: 1 },
    ];
    const completed = await withEntries(keyspace, changes);
    expect(read).to.deep.equal(['a', 'b']);
    expect(completed).to.deep.equal(changes.map((change, i) => (i === 2 ? { ...change, entry: a } : change)));
  });

  it('reads nothing for changes that only remove', async () => {
    const keyspace = { getMany: () => Promise.reject(new Error('it was read')) };
    const changes: Change[] = [{ event: 'expire', key: 'a', version: 1, sizeBytes: 0 }];
    expect(await withEntries(keyspace, changes)).to.equal(changes);
  });
});
