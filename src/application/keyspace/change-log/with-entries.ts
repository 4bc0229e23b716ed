import type { Change } from '../../../domain/change.js';
import type { Entry } from '../../../domain/entry.js';

/** The part of a keyspace that it reads. */
export interface ReadableEntries {
  getMany(keys: readonly string[]): Promise<readonly (Entry | undefined)[]>;
}

/** All of the changes, with the entries that were put if they are still current. */
export async function withEntries(keyspace: ReadableEntries, changes: readonly Change[]): Promise<readonly Change[]> {
  const entries = await keyspace.getMany(changes.map(({ key }) => key));
  return changes.map((change, i) => {
    const entry = entries[i];
    return change.event === 'put' && entry?.version === change.version ? { ...change, entry } : change;
  });
}
