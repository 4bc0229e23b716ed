import { inject, Lifecycle, scoped } from 'tsyringe';
import type { Cipher, Ciphers } from '../../application/ports/cipher.js';
import type { KeySource } from '../../domain/project.js';
import { ConfigFolderPath } from '../injection-tokens.js';
import { AesGcmCipher } from './aes-gcm-cipher.js';
import { readKeyring } from './keyring.js';

/** Ciphers with keys from files and environment variables. */
@scoped(Lifecycle.ContainerScoped)
export class ConfiguredCiphers implements Ciphers {
  /** Relative paths are relative to `folder`, the folder of the configuration. */
  constructor(@inject(ConfigFolderPath) private readonly folder: string) {}

  async of(project: string, source: KeySource): Promise<Cipher> {
    return new AesGcmCipher(project, await readKeyring(source, this.folder));
  }
}
