import { readFile } from 'node:fs/promises';
import { AppError } from '../../../../domain/errors.js';

/** The file of the option `tls_ca_file`. Rejects with `unavailable`. */
export async function readCertificates(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const message = `${path}, which tls_ca_file names, cannot be read (${(error as NodeJS.ErrnoException).code})`;
    throw new AppError('unavailable', message, { isPermanent: true });
  }
}
