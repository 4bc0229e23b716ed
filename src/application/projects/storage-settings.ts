import type { StorageSpec } from '../ports/project-storage.js';

/** The change to a project's settings that asks for this storage; null removes what it does not have. */
export function storageSettings({ engine, options, encryption }: StorageSpec): object {
  return { storage: { engine, options: options ?? null, encryption: encryption ?? null } };
}
