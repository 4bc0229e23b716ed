import { AppError } from '../../domain/errors.js';
import type { Project } from '../../domain/project.js';
import type { Projects } from '../ports/projects.js';

/** The project, or `not_found` in Simple-PyKV's words. */
export function existing(projects: Projects, id: string): Project {
  const project = projects.get(id);
  if (project === undefined) throw unknownProject(id);
  return project;
}

/** The error for a project that is not there. */
export function unknownProject(id: string): AppError {
  return new AppError('not_found', `Project with id '${id}' not found`);
}
