import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Logger } from '../../application/ports/logger.js';
import { AppError } from '../../domain/errors.js';

/**
 * How often the files are checked for changes, in ms. Notifications of the system would miss changes of links and of
 * folders that are renamed.
 */
const POLL_INTERVAL = 1000;
const MARK = Buffer.from('\uFEFF');

/** The certificate of a TLS server and its private key, in PEM. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Reads the certificate that `server_tls` names, and reads it again when its files change. */
export class ServerCertificate {
  readonly #paths: { readonly cert: string; readonly key: string };

  /** `configPath` is that of the configuration, from whose folder relative paths count. */
  constructor({ cert, key }: { readonly cert: string; readonly key: string }, configPath: string) {
    const folder = dirname(configPath);
    this.#paths = { cert: resolve(folder, cert), key: resolve(folder, key) };
  }

  /** Rejects with `invalid` if a file cannot be read or the certificate and the key do not belong together. */
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

  /**
   * Calls `use` with the new certificate whenever the files change and are valid; otherwise logs a warning. Returns a
   * function that stops this.
   */
  watch(use: (certificate: Certificate) => void, log: Logger): () => void {
    const onChange = () => {
      this.read().then(
        (certificate) => {
          use(certificate);
          log.info({ file: this.#paths.cert }, 'the certificate was replaced');
        },
        (error: Error) => log.warn({}, `${error.message}; the previous certificate stays in use`),
      );
    };
    for (const path of Object.values(this.#paths)) {
      watchFile(path, { interval: POLL_INTERVAL, persistent: false }, onChange);
    }
    return () => {
      for (const path of Object.values(this.#paths)) unwatchFile(path, onChange);
    };
  }

  async #file(name: 'cert' | 'key'): Promise<Buffer> {
    const path = this.#paths[name];
    try {
      const bytes = await readFile(path);
      // OpenSSL does not find what begins after a byte order mark, which some editors write.
      return bytes.subarray(0, MARK.length).equals(MARK) ? bytes.subarray(MARK.length) : bytes;
    } catch (error) {
      throw new AppError('invalid', `server_tls.${name}: ${path} cannot be read (${(error as Error).message})`, {
        cause: error,
      });
    }
  }
}
