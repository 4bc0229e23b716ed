import { AppError } from '../../domain/errors.js';
import { type Project, projectIdProblem, projectNotFound } from '../../domain/project.js';
import type { Projects } from '../ports/registry/projects.js';

/** The project, or the error of `unknownProject`. */
export function requireProject(projects: Projects, id: string): Project {
  const project = projects.get(id);
  if (project === undefined) throw unknownProject(id);
  return project;
}

/** The error for a missing project: `not_found`, or `invalid` if no project can have such an id. */
export function unknownProject(id: string): AppError {
  const problem = projectIdProblem(id);
  if (problem !== undefined) return new AppError('invalid', problem);
  return projectNotFound(id);
}
