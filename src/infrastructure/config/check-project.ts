import { AppError } from '../../domain/errors.js';
import type { Project } from '../../domain/project.js';
import {
  checkSettings,
  invalidSettings,
  isObject,
  type Problem,
  unknownProblem,
} from '../validation/check-settings.js';
import { checkStorage } from './check-storage.js';
import { ProjectEntry } from './settings/project-settings.js';
import { projectFromSettings } from './stored-project.js';

/** Begins the message about settings that a client sent. */
export const INVALID_PROJECT = 'Invalid project settings';

const SECRETS = ['api_key', 'api_key_id', 'api_key_hash'] as const;

/** The project that a client's settings describe. Rejects with `invalid`, naming every mistake and unknown member. */
export async function checkProject(id: string, settings: unknown): Promise<Project> {
  if (!isObject(settings)) throw new AppError('invalid', `${INVALID_PROJECT}: they must be an object`);
  const { value: entry, problems, unknown } = checkSettings(ProjectEntry, { ...settings, id });
  if (problems.length === 0) {
    const storage = await checkStorage(entry.storage, 'storage');
    problems.push(...storage.problems, ...secretProblems(entry));
    unknown.push(...storage.unknown);
  }
  problems.push(...unknown.map(unknownProblem));
  if (problems.length > 0) throw invalidSettings(INVALID_PROJECT, problems);
  return projectFromSettings(entry);
}

function secretProblems({ authentication, api_keys }: ProjectEntry): Problem[] {
  const paths = SECRETS.filter((name) => (authentication[name] ?? null) !== null).map(
    (name) => `authentication.${name}`,
  );
  if (api_keys !== undefined) paths.push('api_keys');
  return paths.map((path) => ({ path, message: 'must not be given, keys are generated' }));
}
