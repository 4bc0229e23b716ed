import { AppError } from '../domain/errors.js';

/** The error for a configuration that does not exist; `or` names another way to say what is meant. */
export function missingConfig(path: string, or = 'or write a first one with portkv init'): AppError {
  return new AppError('invalid', `There is no ${path}: name the configuration with --config, ${or}`);
}
