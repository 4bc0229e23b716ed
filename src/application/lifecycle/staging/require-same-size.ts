import { AppError } from '../../../domain/errors.js';
import type { Store } from '../../ports/store.js';

/**
 * Rejects with `conflict`, and closes the previous store, if its size differs from the current one: its data is gone if
 * it was in memory, and other programs may have changed it.
 */
export async function requireSameSize(previous: Store, current: Store): Promise<void> {
  const [then, now] = [await previous.size(), await current.size()];
  if (then.keys === now.keys && then.bytes === now.bytes) return;
  await previous.close();
  const counts = `it has ${then.keys} entries of ${then.bytes} bytes, not ${now.keys} of ${now.bytes}`;
  throw new AppError('conflict', `The old data is not what was left (${counts}): move back the ordinary way`);
}
