import type { Projects } from '../../../application/ports/registry/projects.js';
import { AppError } from '../../../domain/errors.js';
import type { Dialect } from '../../../domain/project.js';

/**
 * Throws `not_found`, saying how to switch it on, if the project does not name the dialect. Called after the caller was
 * found, so that only a key of the project, or the system key, learns that.
 */
export function requireDialect(dialect: Dialect, project: string | undefined, projects: Pick<Projects, 'get'>): void {
  const found = project === undefined ? undefined : projects.get(project);
  // What is about no project needs no setting; that a project does not exist is for the use case to say.
  if (found === undefined) return;
  const { id, dialects = [] } = found;
  if (dialects.includes(dialect)) return;
  const settings = JSON.stringify({ dialects: [...dialects, dialect] });
  throw new AppError(
    'not_found',
    `Project '${id}' does not name the dialect "${dialect}"; PUT /api/v1/projects/${id} ${settings} switches it on`,
    { details: { setting: 'dialects' } },
  );
}
