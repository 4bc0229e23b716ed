import type { Entry } from '../../../src/domain/entry.js';
import { brokenEngine } from './wrapped-engine.js';

/** Answers before the journal is written: what was acknowledged is only in memory for a moment. */
export const engine = brokenEngine((store) => {
  const written = new Map<string, Entry | undefined>();
  const late: Promise<unknown>[] = [];
  const current = (key: string) => (written.has(key) ? written.get(key) : (store.get(key) as Entry | undefined));
  return {
    get: current,
    getMany: (keys) => keys.map(current),
    async scan(range) {
      await Promise.all(late);
      return store.scan(range);
    },
    async size() {
      await Promise.all(late);
      return store.size();
    },
    async commit({ expect = [], put = [], remove = [] }) {
      if (expect.some(({ key, version }) => current(key)?.version !== version)) return false;
      for (const entry of put) written.set(entry.key, entry);
      for (const key of remove) written.set(key, undefined);
      late.push(new Promise((resolve) => setTimeout(resolve, 30)).then(() => store.commit({ put, remove })));
      return true;
    },
    async close() {
      await Promise.all(late);
      await store.close();
    },
  };
});
