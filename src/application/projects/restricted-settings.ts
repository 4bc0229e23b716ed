import type { Identity } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import { foldedId } from '../../domain/project.js';
import type { Projects } from '../ports/registry/projects.js';

/** Options that lead to another server, or to files and variables of this one. */
const SERVER_OPTIONS: ReadonlySet<string> = new Set([
  ...['url', 'url_env', 'url_file', 'tls', 'tls_ca_file'],
  ...['schema', 'prefix'],
]);

/**
 * Refuses settings that reach beyond a project. Files of the server may be named in its configuration by hand, or with
 * the system key if they are in the data folder and belong to nothing else. Throws `insufficient_scope` or `invalid`.
 */
export function requireOwnSettings(
  { project }: Identity,
  settings: Readonly<Record<string, unknown>>,
  projects: Pick<Projects, 'list'>,
): void {
  const { engine, encryption, options } = membersOf(settings.storage);
  const { path, ...others } = membersOf(options);
  const restricted = [
    ...(encryption === undefined || encryption === null ? [] : ['storage.encryption']),
    ...(path === undefined ? [] : ['storage.options.path']),
    ...Object.keys(others).flatMap((name) => (SERVER_OPTIONS.has(name) ? [`storage.options.${name}`] : [])),
    ...(typeof engine === 'string' && engine.startsWith('package:') ? ['storage.engine'] : []),
  ];
  if (project !== undefined && restricted.length > 0) {
    throw new AppError('insufficient_scope', `${restricted.join(', ')}: only the system key may set this`, {
      details: { required_scope: 'system', path: restricted[0] },
    });
  }
  const problem = typeof path === 'string' ? pathProblem(path, projects) : undefined;
  if (problem !== undefined) {
    throw new AppError('invalid', `storage.options.path: ${JSON.stringify(path)} ${problem}`, {
      details: { path: 'storage.options.path' },
    });
  }
}

/** Everything that PortKV keeps in the data folder has a dot in its name or is the folder of a project. */
function pathProblem(path: string, projects: Pick<Projects, 'list'>): string | undefined {
  const first = firstSegment(path.replaceAll('\\', '/'));
  if (first === '' || first === '..' || /^[A-Za-z]:/.test(first)) {
    return 'leaves the data folder; set it in config.json';
  }
  if (path.includes('\0')) return 'is no path';
  if (first.includes('.') || projects.list().some(({ id }) => foldedId(id) === foldedId(first))) {
    return 'may hold what is not its own; set it in config.json';
  }
  return undefined;
}

/**
 * The first segment of the path after `.` and `..` are resolved: empty for an absolute path, `..` for one that leads
 * upward.
 */
function firstSegment(path: string): string {
  if (path.startsWith('/')) return '';
  const resolved: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..' || resolved.length === 0 || resolved[0] === '..') resolved.push(segment);
    else resolved.pop();
  }
  return resolved[0] ?? '.';
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
