import { AppError } from '../../domain/errors.js';
import type { Store } from '../ports/store.js';

/** How many problems are named. */
const NAMED = 5;

/** Throws `unavailable`, naming what cannot be read, if a copy of the store would be incomplete. */
export function requireWhole(store: Store): void {
  const problems = store.unreadable();
  if (problems.length === 0) return;
  const more = problems.length > NAMED ? `; and ${problems.length - NAMED} more` : '';
  throw new AppError('unavailable', `A copy would not be whole: ${problems.slice(0, NAMED).join('; ')}${more}`);
}
