import type { SecondaryKey } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import type { Credentials } from '../ports/registry/credentials.js';

/** The id under which a primary key is listed that bears none. */
export const PRIMARY = 'primary';

/** A project's key by its id; `not_found` where there is none, `conflict` with `advice` for the primary one. */
export function requireSecondaryKey(
  credentials: Credentials,
  project: string,
  keyId: string,
  advice: string,
): SecondaryKey {
  const found = credentials.secondaryKeysOf(project).find((key) => key.keyId === keyId);
  if (found !== undefined) return found;
  const primary = credentials.primaryOf(project);
  if (primary !== undefined && (keyId === PRIMARY || keyId === primary.keyId)) {
    throw new AppError('conflict', `This is the primary API key of project '${project}': ${advice}`);
  }
  throw new AppError('not_found', `API key '${keyId}' not found in project '${project}'`);
}
