import type { Entry } from '../../../src/domain/entry.js';
import { brokenEngine } from './wrapped-engine.js';

/** Answers at once and writes 50 ms later, whether that succeeds or not, and not at all at the end. */
export const engine = brokenEngine((store) => {
  const written = new Map<string, Entry | undefined>();
  const current = (key: string) => (written.has(key) ? written.get(key) : (store.get(key) as Entry | undefined));
  return {
    get: current,
    getMany: (keys) => keys.map(current),
    async commit({ expect = [], put = [], remove = [] }) {
      if (expect.some(({ key, version }) => current(key)?.version !== version)) return false;
      for (const entry of put) written.set(entry.key, entry);
      for (const key of remove) written.set(key, undefined);
      setTimeout(() => void Promise.resolve(store.commit({ put, remove })).catch(() => undefined), 50);
      return true;
    },
  };
});
