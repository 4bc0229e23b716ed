import type { AppError } from '../../domain/errors.js';
import type { Store } from '../ports/store.js';

/** Refuses every call, and closes the store that it replaces, whose log can be read until then. */
export function rejectingStore(reason: AppError, replaced?: Store): Store {
  const refuse = (): never => {
    throw reason;
  };
  const scans = { scan: refuse, scanHeads: refuse, expiring: refuse };
  const reads = { get: refuse, getMany: refuse, ...scans, size: refuse, unreadable: refuse };
  return { ...reads, commit: refuse, commitLog: replaced?.commitLog, close: () => replaced?.close() };
}
