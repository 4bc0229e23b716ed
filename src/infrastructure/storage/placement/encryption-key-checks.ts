import type { Cipher, Ciphers } from '../../../application/ports/cipher.js';
import { AppError } from '../../../domain/errors.js';
import type { KeySource } from '../../../domain/project.js';
import type { KeyCheckValue } from './placement.js';

/** No entry has an empty key, so that this one never stands for a real one. */
const PROBE = { key: '', contentType: '', version: 0, createdAt: 0, updatedAt: 0 };

/** What is kept of the keys that a store's values are sealed with: those before, and the one that seals from now on. */
export function keyCheckValues(cipher: Cipher, before: readonly KeyCheckValue[] = []): KeyCheckValue[] {
  const id = cipher.keyId;
  if (before.some((known) => known.id === id)) return [...before];
  const { value } = cipher.encrypt({ ...PROBE, value: Buffer.alloc(0) });
  return [...before, { id, check: Buffer.from(value).toString('base64') }];
}

/**
 * The cipher for a store that has values sealed with all these keys. Rejects with `unavailable`, naming those that are
 * missing, if any.
 */
export async function cipherWith(
  ciphers: Ciphers,
  project: string,
  source: KeySource,
  keys: readonly KeyCheckValue[],
): Promise<Cipher> {
  try {
    const cipher = await ciphers.of(project, source);
    for (const key of keys) requireKey(cipher, key);
    return cipher;
  } catch (cause) {
    const ids = keys.map(({ id }) => id).join(', ');
    const message = `Project '${project}' needs the encryption key ${ids}: ${(cause as Error).message}`;
    throw new AppError('unavailable', message, { cause });
  }
}

function requireKey(cipher: Cipher, { id, check }: KeyCheckValue): void {
  try {
    cipher.decrypt({ ...PROBE, value: Buffer.from(check, 'base64') });
  } catch (cause) {
    const message = `${cipher.source} does not hold ${id}, or holds another key by that name`;
    throw new AppError('unavailable', message, { cause });
  }
}
