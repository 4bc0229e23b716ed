import { AppError } from '../../domain/errors.js';
import type { CommitLog } from '../ports/commit-log.js';
import type { Store } from '../ports/store.js';

/** Passes every call to another store once that is ready; rejects with the reason if it never is. */
export function deferredStore(target: Store, ready: Promise<void>): Store {
  return {
    get: (key) => ready.then(() => target.get(key)),
    getMany: (keys) => ready.then(() => target.getMany(keys)),
    scan: (range) => ready.then(() => target.scan(range)),
    scanHeads: (range) => ready.then(() => target.scanHeads(range)),
    expiring: (before, limit) => ready.then(() => target.expiring(before, limit)),
    size: () => ready.then(() => target.size()),
    commit: (batch) => ready.then(() => target.commit(batch)),
    unreadable: () => [],
    commitLog: deferredLog(target, ready),
    readView: async () => {
      await ready;
      const view = await target.readView?.();
      if (view === undefined)
        throw new AppError('unavailable', 'The data cannot be read as of one moment now: try again');
      return view;
    },
    close: () => undefined,
  };
}

function deferredLog(target: Store, ready: Promise<void>): CommitLog {
  return {
    async *read(after, signal) {
      await ready;
      if (!signal.aborted) yield* target.commitLog?.read(after, signal) ?? [];
    },
    end: async () => {
      await ready;
      return (await target.commitLog?.end()) ?? '';
    },
  };
}
