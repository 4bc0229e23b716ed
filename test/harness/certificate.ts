import { execFileSync } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Whether certificates can be made here; prints why not. */
export function canCertify(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.log('      openssl is not installed, so there is no certificate to test TLS with');
    return false;
  }
}

/** Creates NAME.crt, a certificate for that name, and NAME.key. */
export function certify(folder: string, name: string): void {
  const files = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  execFileSync('openssl', ['req', ...kind, '-subj', `/CN=${name}`, ...files], { stdio: 'ignore' });
}

/** Puts a certificate and its key where the server reads them: tls.crt and tls.key. */
export async function useCertificate(folder: string, name: string): Promise<void> {
  for (const type of ['crt', 'key']) await copyFile(join(folder, `${name}.${type}`), join(folder, `tls.${type}`));
}
