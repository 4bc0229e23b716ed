import type { Cipher, Ciphers } from '../../application/ports/cipher.js';
import type { KeySource } from '../../domain/project.js';
import { AesGcmCipher } from './aes-gcm-cipher.js';
import { readKeyring } from './keyring.js';

/** Ciphers with keys from files and environment variables. */
export class ConfiguredCiphers implements Ciphers {
  readonly #folder: string;

  /** Relative paths are relative to `folder`, the folder of the configuration. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async of(project: string, source: KeySource): Promise<Cipher> {
    return new AesGcmCipher(project, await readKeyring(source, this.#folder));
  }
}
