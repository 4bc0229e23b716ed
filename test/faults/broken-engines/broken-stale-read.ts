import type { Entry } from '../../../src/domain/entry.js';
import { brokenEngine } from './wrapped-engine.js';

const DELAY = 20;

/** Reads of one key return what was there up to 20 ms ago. */
export const engine = brokenEngine((store) => {
  const before = new Map<string, { entry: Entry | undefined; until: number }>();
  return {
    get(key) {
      const old = before.get(key);
      return old !== undefined && old.until > performance.now() ? old.entry : store.get(key);
    },
    async commit(batch) {
      const keys = [...(batch.put ?? []).map(({ key }) => key), ...(batch.remove ?? [])];
      const entries = await store.getMany(keys);
      const done = await store.commit(batch);
      keys.forEach((key, i) => {
        if (done) before.set(key, { entry: entries[i], until: performance.now() + DELAY });
      });
      return done;
    },
  };
});
