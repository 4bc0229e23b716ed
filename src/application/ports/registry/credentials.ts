import type { Credential, NewKey, SecondaryKey } from '../../../domain/api-key.js';

/** The stored keys of the system and of all projects. Lookups are from memory; changes are on disk before they return. */
export interface Credentials {
  /** By the id inside a generated key. */
  byKeyId(keyId: string): Credential | undefined;
  /** The primary key of a project, or of the system (undefined). */
  primaryOf(project: string | undefined): Credential | undefined;
  primaries(): readonly Credential[];
  /** Whether keys are asked for at all: false where authentication is off, true for a project that does not exist. */
  required(project: string | undefined): boolean;
  replacePrimary(project: string | undefined, key: NewKey): Promise<void>;
  /** Puts a stronger hash of the same secret in place of the stored one; nothing where that is no longer `credential.hash`. */
  upgradeHash(credential: Credential, hash: string): Promise<void>;
  /** A project's keys beside the primary one, in the order in which they were made; expired ones too, for a while. */
  secondaryKeysOf(project: string): readonly SecondaryKey[];
  /** Rejects with `conflict` where the project holds as many as it may. */
  add(key: SecondaryKey): Promise<void>;
  /** Puts `next`, with the same id, in place of a further key; rejects with `not_found` where that is gone, with `conflict` where it is another by now. */
  replace(key: SecondaryKey, next: SecondaryKey): Promise<void>;
  /** Rejects as `replace` does. */
  remove(key: SecondaryKey): Promise<void>;
  /** Called with every credential that stops being valid as it was: replaced, removed, its project deleted. */
  onRevoked(listener: (credential: Credential) => void): void;
}
export const Credentials = Symbol('Credentials');
