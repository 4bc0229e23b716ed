import { isObject } from '../validation/check-settings.js';

/** Where a project stands in a configuration as it was read, or undefined where it does not. */
export function projectPath(config: unknown, id: string): readonly ['projects', number] | undefined {
  const projects = isObject(config) && Array.isArray(config.projects) ? config.projects : [];
  const at = projects.findIndex((project: unknown) => isObject(project) && project.id === id);
  return at < 0 ? undefined : ['projects', at];
}

/** The value at a path, or undefined. */
export function valueAt(config: unknown, path: readonly (string | number)[]): unknown {
  let value: unknown = config;
  for (const name of path) {
    const inside = isObject(value) || Array.isArray(value) ? Object.entries(value) : [];
    value = inside.find(([own]) => own === String(name))?.[1];
  }
  return value;
}

/** Where the key of a project, or of the system (undefined), stands. */
export function authenticationPath(
  config: unknown,
  project: string | undefined,
): readonly (string | number)[] | undefined {
  if (project === undefined) return ['system', 'authentication'];
  const path = projectPath(config, project);
  return path === undefined ? undefined : [...path, 'authentication'];
}
