import type { SecondaryKey } from '../../domain/api-key.js';
import { AppError } from '../../domain/errors.js';
import type { Credentials } from '../ports/registry/credentials.js';

/** A primary key can only be regenerated. */
export class PrimaryKeyError extends AppError {
  constructor(
    readonly project: string,
    readonly attempted: 'delete' | 'rotate',
  ) {
    super('conflict', `This is the primary API key of project '${project}': it can only be regenerated`);
  }
}

/** The id under which a primary key without an id is listed. */
export const PRIMARY = 'primary';

/** A project's key by its id. Throws `not_found` if it does not exist, `conflict` for the primary one. */
export function requireSecondaryKey(
  credentials: Credentials,
  project: string,
  keyId: string,
  attempted: PrimaryKeyError['attempted'],
): SecondaryKey {
  const found = credentials.secondaryKeysOf(project).find((key) => key.keyId === keyId);
  if (found !== undefined) return found;
  const primary = credentials.primaryOf(project);
  if (primary !== undefined && (keyId === PRIMARY || keyId === primary.keyId)) {
    throw new PrimaryKeyError(project, attempted);
  }
  throw new AppError('not_found', `API key '${keyId}' not found in project '${project}'`);
}
