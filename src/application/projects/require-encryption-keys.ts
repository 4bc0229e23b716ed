import { AppError } from '../../domain/errors.js';
import type { Project } from '../../domain/project.js';
import type { Ciphers } from '../ports/cipher.js';

/**
 * Rejects with `invalid` if settings name encryption keys that cannot be read: the client that sent them can fix that.
 */
export async function requireEncryptionKeys(ciphers: Ciphers, { id, storage: { encryption } }: Project): Promise<void> {
  if (encryption === undefined) return;
  try {
    await ciphers.of(id, encryption);
  } catch (error) {
    throw new AppError('invalid', `storage.encryption: ${(error as Error).message}`, {
      details: { path: 'storage.encryption' },
      cause: error,
    });
  }
}
