import { getMetadataStorage, type ValidationError, validateSync } from 'class-validator';
import { AppError } from '../../domain/errors.js';
import { nearestName } from './edit-distance.js';
import { type Section, sectionsOf } from './setting-rules.js';

/** A mistake and its path, such as `projects[2].storage.engine`. */
export interface Problem {
  readonly path: string;
  readonly message: string;
  /** Line and column, if it is in a file. */
  readonly place?: string;
}

/** The result of a check. `value` has only known members and every default; it is valid only if there is no problem. */
export interface Checked<T> {
  readonly value: T;
  readonly problems: Problem[];
  readonly unknown: UnknownMember[];
}

/** A member that no class knows, and the known one that was probably meant. */
export interface UnknownMember {
  readonly path: string;
  readonly name: string;
  readonly meant: string | undefined;
}

/**
 * Checks plain JSON against a settings class and builds an instance of it. Does not use class-transformer, which drops
 * members named `__proto__` or `constructor` without notice and throws if a list of sections contains a list.
 */
export function checkSettings<T extends object>(of: new () => T, plain: unknown, path = ''): Checked<T> {
  const report: Report = { problems: [], unknown: [] };
  if (isObject(plain)) return { value: fill(of, plain, path, report) as T, ...report };
  report.problems.push({ path, message: problemWith(path, plain, 'must be an object') });
  return { value: new of(), ...report };
}

/** The error that lists problems; `what` begins the message, such as `config.json` or `The project`. */
export function invalidSettings(what: string, problems: readonly Problem[]): AppError {
  const lines = problems.map(({ path, message, place }) => {
    const at = place === undefined ? path : `${path} (${place})`;
    return path === '' ? message : `${at}: ${message}`;
  });
  const message =
    lines.length === 1 ? `${what}: ${lines[0]}` : `${what}: ${lines.length} mistakes: ${lines.join('; ')}`;
  return new AppError('invalid', message, { details: { path: problems[0]?.path, errors: problems } });
}

/** The mistake of an unknown member. */
export function unknownProblem({ path, meant }: UnknownMember): Problem {
  return { path, message: meant === undefined ? 'is not known' : `is not known; did you mean "${meant}"?` };
}

/** Such as `5 must be a list`; without the value if it may be a secret, and `is missing` if it is undefined. */
export function problemWith(path: string, value: unknown, rule: string): string {
  if (value === undefined) return 'is missing';
  if (typeof value !== 'boolean' && /(^|\.)(authentication(\.|$)|api_keys\[|options\.url$)/.test(path)) return rule;
  const shown = JSON.stringify(value);
  return `${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown} ${rule}`;
}

/** The path of a member; names that are not identifiers are in brackets. */
export function memberPath(path: string, name: string | number): string {
  if (typeof name === 'number') return `${path}[${name}]`;
  if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === '' ? name : `${path}.${name}`;
}

/** Whether a JSON value is an object: neither null nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Report = Pick<Checked<unknown>, 'problems' | 'unknown'>;

function fill(of: new () => object, plain: Record<string, unknown>, path: string, report: Report): object {
  const settings = new of() as Record<string, unknown>;
  for (const [name, value] of Object.entries(settings)) if (value === undefined) delete settings[name];
  const memberNames = membersOf(of);
  for (const [name, value] of Object.entries(plain)) {
    const at = memberPath(path, name);
    if (memberNames.has(name)) settings[name] = sectionFrom(sectionsOf(of).get(name), value, at, report);
    else report.unknown.push({ path: at, name, meant: nearestName(name, memberNames) });
  }
  const errors = validateSync(settings, { forbidUnknownValues: false, stopAtFirstError: true });
  for (const error of errors) report.problems.push(problemOf(error, path));
  return settings;
}

function sectionFrom(section: Section | undefined, value: unknown, path: string, report: Report): unknown {
  if (section?.list === true && Array.isArray(value)) {
    return value.map((item, i) => itemFrom(section, item, memberPath(path, i), report));
  }
  return section?.list === false && isObject(value) ? fill(section.of, value, path, report) : value;
}

function itemFrom(section: Section, item: unknown, path: string, report: Report): unknown {
  if (isObject(item)) return fill(section.of, item, path, report);
  report.problems.push({ path, message: problemWith(path, item, 'must be an object') });
  return item;
}

function membersOf(of: new () => object): ReadonlySet<string> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(of, '', false, false);
  return new Set(rules.map((rule) => rule.propertyName));
}

function problemOf(error: ValidationError, parent: string): Problem {
  const path = memberPath(parent, error.property);
  const [text = 'is not allowed'] = Object.values(error.constraints ?? {});
  const rule = text.startsWith(`${error.property} `) ? text.slice(error.property.length + 1) : text;
  return { path, message: problemWith(path, error.value, rule) };
}
