import { AppError } from '../../domain/errors.js';

/** The error for a write that names no version where the project demands one; `what` it should have brought, `path` where. */
export function conditionRequired(project: string, what: string, path?: string): AppError {
  const message = `Every write to project '${project}' must say what it replaces, by ${what}`;
  const details = { limit: 'require_conditional', limit_value: true };
  return new AppError('precondition_required', path === undefined ? message : `${path}: ${message}`, {
    details: path === undefined ? details : { ...details, path },
  });
}
