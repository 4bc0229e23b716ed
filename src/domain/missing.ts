import { AppError } from './errors.js';

/** The error for a key that is not there, in Simple-PyKV's words. */
export function missing(key: string, project: string): AppError {
  return new AppError('not_found', `Key '${key}' not found in project '${project}' store`);
}
