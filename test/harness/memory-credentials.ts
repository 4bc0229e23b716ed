import type { Credentials } from '../../src/application/ports/registry/credentials.js';

import { type Credential, type NewKey, SCOPES } from '../../src/domain/api-key.js';
import { AppError } from '../../src/domain/errors.js';

/** Credentials in memory, which a test can change. */
export class MemoryCredentials implements Credentials {
  requireCurrent(): void {}

  list: Credential[] = [];
  /** The projects, undefined for the system, that need no key. */
  open: (string | undefined)[] = [];
  /** Whether a hash cannot be saved. */
  broken = false;

  byKeyId(keyId: string) {
    return this.list.find((one) => one.keyId === keyId);
  }
  primaryOf(project: string | undefined) {
    return this.list.find((one) => one.primary && one.project === project);
  }
  required(project: string | undefined) {
    return !this.open.includes(project);
  }
  async replacePrimary(project: string | undefined, key: NewKey) {
    this.list = this.list.filter((one) => one !== this.primaryOf(project));
    this.list.push(primaryCredential(project, key));
  }
  async upgradeHash(old: Credential, hash: string) {
    if (this.broken) throw new AppError('unavailable', 'cannot write');
    this.list = this.list.map((one) => (one === old ? { ...one, hash } : one));
  }
  primaries() {
    return this.list.filter((one) => one.primary);
  }
  secondaryKeysOf() {
    return [];
  }
  async add() {}
  async replace() {}
  async remove() {}
  onRevoked() {}
}

export function primaryCredential(
  project: string | undefined,
  { keyId, hash }: Pick<NewKey, 'keyId' | 'hash'>,
): Credential {
  return { keyId, project, primary: true, hash, name: 'primary', scopes: SCOPES };
}
