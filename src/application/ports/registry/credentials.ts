import type { Credential, NewKey, SecondaryKey } from '../../../domain/api-key.js';

/** The stored keys of the system and of all projects. Lookups are in memory; changes are on disk before they return. */
export interface Credentials {
  /** Throws `unavailable` if another server may have revoked a key, and this one does not know. */
  requireCurrent(): void;
  /** By the id inside a generated key. */
  byKeyId(keyId: string): Credential | undefined;
  /** The primary key of a project, or of the system (undefined). */
  primaryOf(project: string | undefined): Credential | undefined;
  primaries(): readonly Credential[];
  /** Whether a key is required: false if authentication is off, true for a project that does not exist. */
  required(project: string | undefined): boolean;
  replacePrimary(project: string | undefined, key: NewKey): Promise<void>;
  /**
   * Replaces the stored hash by a stronger one of the same secret; does nothing if it is no longer `credential.hash`.
   */
  upgradeHash(credential: Credential, hash: string): Promise<void>;
  /** A project's keys without the primary one, in the order of their creation; expired ones too, for a while. */
  secondaryKeysOf(project: string): readonly SecondaryKey[];
  /** Rejects with `conflict` if the project has as many keys as it may. */
  add(key: SecondaryKey): Promise<void>;
  /**
   * Replaces a secondary key by `next`, with the same id. Rejects with `not_found` if the key was removed, with
   * `conflict` if it was replaced meanwhile.
   */
  replace(key: SecondaryKey, next: SecondaryKey): Promise<void>;
  /** Rejects as `replace` does. */
  remove(key: SecondaryKey): Promise<void>;
  /** Calls the listener with every credential that was replaced or removed, also with its project. */
  onRevoked(listener: (credential: Credential) => void): void;
}
export const Credentials = Symbol('Credentials');
