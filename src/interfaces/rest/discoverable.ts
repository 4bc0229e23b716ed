import type { Projects } from '../../application/ports/projects.js';
import { AppError } from '../../domain/errors.js';

/** Throws `forbidden` where the project hides its keys. */
export function requireDiscoverable(projects: Projects, project: string): void {
  if (projects.get(project)?.security.keys_and_values_discoverable) return;
  throw new AppError('forbidden', 'Retrieving all keys and values is disabled for this project');
}
