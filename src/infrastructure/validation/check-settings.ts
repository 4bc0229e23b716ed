import { getMetadataStorage, type ValidationError, validateSync } from 'class-validator';
import { AppError } from '../../domain/errors.js';
import { type Section, sectionsOf } from './setting-rules.js';

/** A mistake, with where it stands: `projects[2].storage.engine`. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** What was found in settings. `value` holds only known members and every default; trust it where there is no problem. */
export interface Checked<T> {
  readonly value: T;
  readonly problems: Problem[];
  /** The paths of members that no class knows. */
  readonly unknown: string[];
}

/**
 * Checks plain JSON against a settings class and builds an instance of it. Not with class-transformer, which drops members named
 * `__proto__` or `constructor` unseen and throws at a list inside a list of sections.
 */
export function checkSettings<T extends object>(of: new () => T, plain: unknown, path = ''): Checked<T> {
  const found: Pick<Checked<T>, 'problems' | 'unknown'> = { problems: [], unknown: [] };
  if (isObject(plain)) return { value: fill(of, plain, path, found) as T, ...found };
  found.problems.push({ path, message: problemWith(path, plain, 'must be an object') });
  return { value: new of(), ...found };
}

/** The failure that lists problems; `what` begins the sentence, such as `config.json` or `The project`. */
export function invalidSettings(what: string, problems: readonly Problem[]): AppError {
  const lines = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  const message =
    lines.length === 1 ? `${what}: ${lines[0]}` : `${what}: ${lines.length} mistakes: ${lines.join('; ')}`;
  return new AppError('invalid', message, { details: { path: problems[0]?.path, errors: problems } });
}

/** `value must …`, without the value where it may be a secret. */
export function problemWith(path: string, value: unknown, must: string): string {
  if (value === undefined) return 'is missing';
  if (typeof value !== 'boolean' && /(^|\.)(authentication(\.|$)|api_keys\[)/.test(path)) return must;
  const shown = JSON.stringify(value);
  return `${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown} ${must}`;
}

/** The path of a member; names that are no identifiers stand in brackets. */
export function memberPath(path: string, name: string | number): string {
  if (typeof name === 'number') return `${path}[${name}]`;
  if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}

/** Whether a JSON value is an object, neither null nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Found = Pick<Checked<unknown>, 'problems' | 'unknown'>;

function fill(of: new () => object, plain: Record<string, unknown>, path: string, found: Found): object {
  const settings = new of() as Record<string, unknown>;
  for (const [name, value] of Object.entries(settings)) if (value === undefined) delete settings[name];
  const known = membersOf(of);
  for (const [name, value] of Object.entries(plain)) {
    const at = memberPath(path, name);
    if (known.has(name)) settings[name] = sectionFrom(sectionsOf(of).get(name), value, at, found);
    else found.unknown.push(at);
  }
  const errors = validateSync(settings, { forbidUnknownValues: false, stopAtFirstError: true });
  for (const error of errors) found.problems.push(problemOf(error, path));
  return settings;
}

function sectionFrom(section: Section | undefined, value: unknown, path: string, found: Found): unknown {
  if (section?.list === true && Array.isArray(value)) {
    return value.map((item, i) => itemFrom(section, item, memberPath(path, i), found));
  }
  return section?.list === false && isObject(value) ? fill(section.of, value, path, found) : value;
}

function itemFrom(section: Section, item: unknown, path: string, found: Found): unknown {
  if (isObject(item)) return fill(section.of, item, path, found);
  found.problems.push({ path, message: problemWith(path, item, 'must be an object') });
  return item;
}

function membersOf(of: new () => object): ReadonlySet<string> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(of, '', false, false);
  return new Set(rules.map((rule) => rule.propertyName));
}

function problemOf(error: ValidationError, parent: string): Problem {
  const path = memberPath(parent, error.property);
  const [text = 'is not allowed'] = Object.values(error.constraints ?? {});
  const must = text.startsWith(`${error.property} `) ? text.slice(error.property.length + 1) : text;
  return { path, message: problemWith(path, error.value, must) };
}
