import type { StorageSpec } from '../ports/project-storage.js';

/** The change of a project's settings that makes them ask for this storage; null removes what it does not have. */
export function storageSettings({ engine, options, encryption }: StorageSpec): object {
  return { storage: { engine, options: options ?? null, encryption: encryption ?? null } };
}
