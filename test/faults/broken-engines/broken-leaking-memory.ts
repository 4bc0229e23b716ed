import { brokenEngine } from './wrapped-engine.js';

/** How much is kept of each commit, in bytes. */
const KEPT = 500_000;

/** json-file that keeps something of each commit for ever. */
export const engine = brokenEngine((store) => {
  const kept: Buffer[] = [];
  return {
    commit(batch) {
      kept.push(Buffer.alloc(KEPT));
      return store.commit(batch);
    },
  };
});
