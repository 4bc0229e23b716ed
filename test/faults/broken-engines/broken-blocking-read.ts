import { brokenEngine } from './wrapped-engine.js';

/** How often a read keeps all others waiting, and for how long, in ms. */
const EVERY = 20;
const LONG = 3_000;

/** json-file of which some reads take the whole process. */
export const engine = brokenEngine((store) => {
  let reads = 0;
  return {
    get(key) {
      const until = performance.now() + (++reads % EVERY === 0 ? LONG : 0);
      while (performance.now() < until);
      return store.get(key);
    },
  };
});
