import { normalize } from 'node:path';
import type { Identity } from '../../../domain/api-key.js';
import { AppError } from '../../../domain/errors.js';

/**
 * Refuses settings that would reach beyond a project: files of the server are named in its configuration by hand, or by the system
 * key where they lie in the data folder and are nobody's; `forbidden` and `invalid`.
 */
export function requireOwnSettings(
  settings: Readonly<Record<string, unknown>>,
  { project }: Identity,
  isProject: (id: string) => boolean,
): void {
  const { engine, encryption, options } = membersOf(settings.storage);
  const { path } = membersOf(options);
  const named = [
    ...(encryption === undefined || encryption === null ? [] : ['storage.encryption']),
    ...(path === undefined ? [] : ['storage.options.path']),
    ...(typeof engine === 'string' && engine.startsWith('package:') ? ['storage.engine'] : []),
  ];
  if (project !== undefined && named.length > 0) {
    throw new AppError('forbidden', `${named.join(', ')}: only the system key may set this`, {
      details: { path: named[0] },
    });
  }
  const problem = typeof path === 'string' ? pathProblem(path, isProject) : undefined;
  if (problem !== undefined) {
    throw new AppError('invalid', `storage.options.path: ${JSON.stringify(path)} ${problem}`, {
      details: { path: 'storage.options.path' },
    });
  }
}

/** All that PortKV keeps in the data folder has a dot in its name, or is the folder of a project. */
function pathProblem(path: string, isProject: (id: string) => boolean): string | undefined {
  const [first = ''] = normalize(path.replaceAll('\\', '/')).split('/');
  if (first === '' || first === '..' || /^[A-Za-z]:/.test(first))
    return 'leaves the data folder; set it in config.json';
  if (path.includes('\0')) return 'is no path';
  if (first.includes('.') || isProject(first)) return 'may hold what is not its own; set it in config.json';
  return undefined;
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
