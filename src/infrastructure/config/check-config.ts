import type { SecretHasher } from '../../application/ports/secret-hasher.js';
import { idInOtherCase } from '../../domain/project.js';
import {
  checkSettings,
  invalidSettings,
  memberPath,
  type Problem,
  problemWith,
  type UnknownMember,
  unknownProblem,
} from '../validation/check-settings.js';
import { checkStorage } from './check-storage.js';
import { AuthenticationSettings } from './settings/key-settings.js';
import { ProjectEntry } from './settings/project-settings.js';
import { Settings } from './settings/settings.js';

/** Checks a whole configuration; rejects with `invalid` and a list of all mistakes. `name` is the path of the file. */
export async function checkConfig(
  config: unknown,
  name: string,
  hasher: Pick<SecretHasher, 'keyIdOf'>,
): Promise<Settings> {
  const { value: settings, problems, unknown } = checkSettings(Settings, config);
  for (const [i, project] of projectsOf(settings)) {
    const storage = memberPath(memberPath('projects', i), 'storage');
    if (problems.some((problem) => problem.path.startsWith(storage))) continue;
    const checked = await checkStorage(project.storage, storage);
    problems.push(...checked.problems);
    unknown.push(...checked.unknown);
    if (checked.options !== undefined) project.storage.options = checked.options;
  }
  problems.push(...unknownProblems(unknown));
  const keys = authenticationsOf(settings);
  problems.push(...secretProblems(keys, hasher));
  const ids = new Map(projectsOf(settings).map(([i, { id }]) => [`projects[${i}].id`, id]));
  problems.push(...duplicates(ids), ...idsInOtherCase(ids));
  problems.push(...duplicates(keyIdsOf(settings, keys)));
  if (problems.length > 0) throw invalidSettings(name, problems);
  return settings;
}

function projectsOf(settings: Settings): [number, ProjectEntry][] {
  const list: unknown = settings.projects;
  if (!Array.isArray(list)) return [];
  return [...list.entries()].filter(([, project]) => project instanceof ProjectEntry);
}

/** The authentication settings of the system and of every project, by path; those of a wrong kind are left out. */
function authenticationsOf(settings: Settings): ReadonlyMap<string, AuthenticationSettings> {
  const byPath: [string, AuthenticationSettings][] = [
    ['system.authentication', settings.system?.authentication],
    ...projectsOf(settings).map(
      ([i, project]) => [`projects[${i}].authentication`, project.authentication] as [string, AuthenticationSettings],
    ),
  ];
  return new Map(byPath.filter(([, settings]) => settings instanceof AuthenticationSettings));
}

function keyIdsOf(
  settings: Settings,
  primary: ReadonlyMap<string, AuthenticationSettings>,
): ReadonlyMap<string, unknown> {
  const secondary = projectsOf(settings).flatMap(([i, { api_keys: list }]) =>
    Array.isArray(list) ? list.map((key, j): [string, unknown] => [`projects[${i}].api_keys[${j}].id`, key?.id]) : [],
  );
  return new Map([
    ...[...primary].map(([path, key]): [string, unknown] => [`${path}.api_key_id`, key.api_key_id]),
    ...secondary,
  ]);
}

function secretProblems(
  keys: ReadonlyMap<string, AuthenticationSettings>,
  hasher: Pick<SecretHasher, 'keyIdOf'>,
): Problem[] {
  const damaged = [...keys].filter(([, { api_key: secret }]) => {
    return typeof secret === 'string' && secret.startsWith('pkv_') && hasher.keyIdOf(secret) === undefined;
  });
  const message = 'begins with pkv_ but is no generated key (cut off or mistyped?); choose one that begins otherwise';
  return damaged.map(([path]) => ({ path: `${path}.api_key`, message }));
}

function duplicates(byPath: ReadonlyMap<string, unknown>): Problem[] {
  const firstPaths = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [path, value] of byPath) {
    if (typeof value !== 'string') continue;
    const firstPath = firstPaths.get(value);
    if (firstPath === undefined) firstPaths.set(value, path);
    else problems.push({ path, message: problemWith(path, value, `stands at ${firstPath} already`) });
  }
  return problems;
}

function idsInOtherCase(byPath: ReadonlyMap<string, unknown>): Problem[] {
  const problems: Problem[] = [];
  const before = new Map<string, string>();
  for (const [path, id] of byPath) {
    if (typeof id !== 'string') continue;
    const other = idInOtherCase(id, before.keys());
    if (other !== undefined) {
      const message = `differs only in case from ${before.get(other)}, and such ids are one id`;
      problems.push({ path, message: problemWith(path, id, message) });
    }
    if (!before.has(id)) before.set(id, path);
  }
  return problems;
}

/** Members whose name begins with `x-` are for people and other programs: they are kept and not used. */
export function unknownProblems(unknown: readonly UnknownMember[]): Problem[] {
  return unknown.filter(({ name }) => !name.startsWith('x-')).map(unknownProblem);
}
