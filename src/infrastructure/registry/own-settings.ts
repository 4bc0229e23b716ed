import { AppError } from '../../domain/errors.js';
import { valueAt } from '../config/config-file.js';
import { isObject } from '../validation/check-settings.js';
import { SHARED } from './registry-documents.js';

/** What the file of a server has itself. Throws `invalid` for members that only the registry may have. */
export function requireOwn(own: unknown, path: string): Record<string, unknown> {
  if (own === undefined) throw new AppError('invalid', `${path} is gone`);
  const misplaced = misplacedMembers(own);
  if (misplaced.length === 0) return own as Record<string, unknown>;
  throw new AppError('invalid', `${path}: ${misplaced.join(', ')} belong to the registry: take them out of this file`);
}

/** The system key in plain text that the file of a server may have. */
export function plainKeyOf(own: unknown): string | undefined {
  const key = valueAt(own, ['system', 'authentication', 'api_key']);
  return typeof key === 'string' && key !== '' ? key : undefined;
}

function misplacedMembers(own: unknown): string[] {
  const projects = valueAt(own, ['projects']);
  const misplaced = SHARED.filter((name) => {
    const value = valueAt(own, ['system', name]);
    if (name !== 'authentication') return value !== undefined;
    return isObject(value) && Object.keys(value).some((member) => member !== 'api_key');
  });
  const paths = misplaced.map((name) => `system.${name}`);
  return Array.isArray(projects) && projects.length > 0 ? [...paths, 'projects'] : paths;
}
