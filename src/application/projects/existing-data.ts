import { AppError } from '../../domain/errors.js';
import type { ProjectStorage } from '../ports/project-storage.js';

/** What becomes of data that a new project finds under its id: it takes it over, or it is renamed. */
export const EXISTING = ['adopt', 'move-aside'] as const;
export type Existing = (typeof EXISTING)[number];

/**
 * The settings with the recorded storage, if there is a record and they name no storage: the data stays where it is.
 * Rejects with `unavailable` if the record cannot be read, with `conflict` if the data is being deleted.
 */
export async function settingsAsRecorded(settings: unknown, storage: ProjectStorage): Promise<unknown> {
  if (!(await storage.load())) return settings;
  const { configured, deleted } = storage.record;
  if (deleted) {
    throw new AppError('conflict', `The data of project '${storage.project}' is being deleted and cannot be adopted`);
  }
  const isNamed = (settings as { storage?: unknown } | null)?.storage !== undefined;
  return isNamed ? settings : { ...(settings as object), storage: JSON.parse(JSON.stringify(configured)) };
}
