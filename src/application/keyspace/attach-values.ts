import type { Change } from '../../domain/change.js';
import type { Keyspace } from './keyspace.js';

/** About how many bytes of values one result has. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * The first of the changes, with the entries that were put if they are still current: an entry that was replaced
 * meanwhile has a later change. Reads one after another, so that at most one value is in memory that is not returned.
 */
export async function attachValues(keyspace: Keyspace, changes: readonly Change[]): Promise<readonly Change[]> {
  const attached: Change[] = [];
  let bytes = 0;
  for (const change of changes) {
    if (attached.length > 0 && bytes + change.sizeBytes > MAX_BYTES) break;
    const found = change.event === 'put' ? keyspace.get(change.key) : undefined;
    const entry = found instanceof Promise ? await found : found;
    const current = entry !== undefined && entry.version === change.version;
    if (current) bytes += change.sizeBytes;
    attached.push(current ? { ...change, entry } : change);
  }
  return attached;
}
