import type { Projects } from '../../../application/ports/registry/projects.js';
import { AppError } from '../../../domain/errors.js';

/** Whether the project's keys may be listed and counted. */
export function isDiscoverable(projects: Projects, project: string): boolean {
  return projects.get(project)?.security.keys_and_values_discoverable ?? false;
}

/** Throws `forbidden` where the project hides its keys. */
export function requireDiscoverable(projects: Projects, project: string): void {
  if (isDiscoverable(projects, project)) return;
  throw new AppError('forbidden', 'Retrieving all keys and values is disabled for this project');
}
