import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Logger } from '../../application/ports/logger.js';
import { AppError } from '../../domain/errors.js';

/** How often it is looked whether the files changed, in ms. Not by notice of the system, which links and renamed folders escape. */
const LOOK_EVERY = 1000;

/** What a TLS server shows and proves, in PEM. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** The certificate that `server_tls` names, and what becomes of it. */
export class ServerCertificate {
  readonly #paths: { readonly cert: string; readonly key: string };

  /** `configPath` is that of the configuration, from whose folder relative paths count. */
  constructor({ cert, key }: { readonly cert: string; readonly key: string }, configPath: string) {
    const folder = dirname(configPath);
    this.#paths = { cert: resolve(folder, cert), key: resolve(folder, key) };
  }

  /** Rejects with `invalid` where a file cannot be read, or where the two do not belong together. */
  async read(): Promise<Certificate> {
    const certificate = { cert: await this.#file('cert'), key: await this.#file('key') };
    try {
      createSecureContext(certificate);
    } catch (error) {
      const { cert, key } = this.#paths;
      throw new AppError('invalid', `server_tls: ${cert} and ${key} cannot be used (${(error as Error).message})`, {
        cause: error,
      });
    }
    return certificate;
  }

  /** Calls `use` whenever the files change to what can be used; else what was read before stays. The function given back ends it. */
  watch(use: (certificate: Certificate) => void, log: Logger): () => void {
    const onChange = () => {
      this.read().then(
        (certificate) => {
          use(certificate);
          log.info({ file: this.#paths.cert }, 'the certificate was replaced');
        },
        (error: Error) => log.warn({}, `${error.message}; the certificate from before stays in use`),
      );
    };
    for (const path of Object.values(this.#paths)) {
      watchFile(path, { interval: LOOK_EVERY, persistent: false }, onChange);
    }
    return () => {
      for (const path of Object.values(this.#paths)) unwatchFile(path, onChange);
    };
  }

  async #file(name: 'cert' | 'key'): Promise<Buffer> {
    const path = this.#paths[name];
    try {
      return await readFile(path);
    } catch (error) {
      throw new AppError('invalid', `server_tls.${name}: ${path} cannot be read (${(error as Error).message})`, {
        cause: error,
      });
    }
  }
}
