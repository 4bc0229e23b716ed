import type { Change } from '../../domain/change.js';
import type { Keyspace } from './keyspace.js';

/** About how many bytes of values are read for one answer. */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * The first of the changes, with what was put where that is still there: what was replaced meanwhile has a later change.
 * One after another, so that no more than one value is in memory that is not told.
 */
export async function attachValues(keyspace: Keyspace, changes: readonly Change[]): Promise<readonly Change[]> {
  const told: Change[] = [];
  let bytes = 0;
  for (const change of changes) {
    if (told.length > 0 && bytes + change.sizeBytes > MOST_BYTES) break;
    const found = change.event === 'put' ? keyspace.get(change.key) : undefined;
    const entry = found instanceof Promise ? await found : found;
    const current = entry !== undefined && entry.version === change.version;
    if (current) bytes += change.sizeBytes;
    told.push(current ? { ...change, entry } : change);
  }
  return told;
}
