import { AppError } from '../../domain/errors.js';
import type { Store } from '../ports/store.js';

/** How many unreadable entries the message names. */
const NAMED = 5;

/** Rejects with `unavailable` if the store has entries that cannot be read, and names them: a copy would miss them. */
export async function requireWhole(store: Store): Promise<void> {
  // One that was closed while idle is opened for it.
  await store.scan({ limit: 1 });
  requireReadable(store);
}

/** The same at once, for a store that was just read. */
export function requireReadable(store: Store): void {
  const problems = store.unreadable();
  if (problems.length === 0) return;
  const more = problems.length > NAMED ? `; and ${problems.length - NAMED} more` : '';
  throw new AppError('unavailable', `A copy would not be whole: ${problems.slice(0, NAMED).join('; ')}${more}`);
}
