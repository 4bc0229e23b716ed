import type { Identity } from '../../domain/api-key.js';
import type { Credentials } from '../ports/registry/credentials.js';

/** Whether a caller who was admitted earlier still would be: its key exists and has not expired, if one is required. */
export function isStillValid(
  { kind, keyId, expiresAt }: Identity,
  project: string,
  credentials: Credentials,
  now: number,
): boolean {
  if (expiresAt !== undefined && expiresAt <= now) return false;
  if (kind === 'anonymous' && credentials.required(project)) return false;
  return keyId === undefined || credentials.byKeyId(keyId) !== undefined;
}
