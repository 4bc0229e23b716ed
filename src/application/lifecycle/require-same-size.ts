import { AppError } from '../../domain/errors.js';
import type { Store } from '../ports/store.js';

/**
 * Rejects with `conflict`, and closes the store that was left, if that is not what was left: its data is gone if it was in memory,
 * and other programs may have changed it.
 */
export async function requireSameSize(left: Store, current: Store): Promise<void> {
  const [then, now] = [await left.size(), await current.size()];
  if (then.keys === now.keys && then.bytes === now.bytes) return;
  await left.close();
  const counts = `it has ${then.keys} entries of ${then.bytes} bytes, not ${now.keys} of ${now.bytes}`;
  throw new AppError('conflict', `The old data is not what was left (${counts}): move back the ordinary way`);
}
