import { join } from 'node:path';
import { open } from 'lmdb';
import { engine as sound } from '../../../src/infrastructure/storage/engines/lmdb/engine.js';
import { dataName } from '../../../src/infrastructure/storage/engines/location.js';
import { withReplaced } from './wrapped-engine.js';

/** One commit in so many leaves a reader open. */
const EVERY = 5;

/** lmdb with readers that never end: no page that they may need is used again. */
export const engine = withReplaced(sound, (store, location) => {
  let commits = 0;
  const readers: Iterator<unknown>[] = [];
  return {
    commit(batch) {
      if (++commits % EVERY === 0) readers.push(reader(join(location.folder, `${dataName(location)}.lmdb`)));
      return store.commit(batch);
    },
  };
});

function reader(path: string): Iterator<unknown> {
  const root = open({ path, noSubdir: false, maxDbs: 4 });
  const entries = root.openDB({ name: 'entries', encoding: 'binary', keyEncoding: 'binary' }).getRange();
  const iterator = entries[Symbol.iterator]();
  iterator.next();
  return iterator;
}
