import { openSync } from 'node:fs';
import { brokenEngine } from './wrapped-engine.js';

/** One commit in so many opens a file. */
const EVERY = 5;

/** json-file that does not close what it opens. */
export const engine = brokenEngine((store) => {
  let commits = 0;
  return {
    commit(batch) {
      if (++commits % EVERY === 0) openSync('/dev/null', 'r');
      return store.commit(batch);
    },
  };
});
