import { brokenEngine } from './wrapped-engine.js';

/** Writes a batch entry by entry, so that a crash leaves a part of it. */
export const engine = brokenEngine((store) => ({
  async commit({ expect = [], put = [], remove = [] }) {
    if (!(await store.commit({ expect, remove }))) return false;
    for (const entry of put) {
      await store.commit({ put: [entry] });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return true;
  },
}));
