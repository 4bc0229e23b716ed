import type { Change } from '../../../domain/change.js';
import type { Entry } from '../../../domain/entry.js';

/** The part of a keyspace that it reads. */
export interface ReadableEntries {
  getMany(keys: readonly string[]): Promise<readonly (Entry | undefined)[]>;
}

/** All of the changes, with the entries that were put if they are still current. */
export async function withEntries(keyspace: ReadableEntries, changes: readonly Change[]): Promise<readonly Change[]> {
  // Of several changes of a key only the last one can be current, and what was removed has no entry.
  const last = new Map(changes.map((change) => [change.key, change]));
  const keys = [...last.values()].filter(({ event }) => event === 'put').map(({ key }) => key);
  if (keys.length === 0) return changes;
  const found = await keyspace.getMany(keys);
  const entries = new Map(keys.map((key, i) => [key, found[i]]));
  return changes.map((change) => {
    const entry = entries.get(change.key);
    return change.event === 'put' && entry?.version === change.version ? { ...change, entry } : change;
  });
}
