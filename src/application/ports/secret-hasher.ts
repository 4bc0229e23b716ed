import type { NewKey } from '../../domain/api-key.js';

/** Makes and verifies keys. Everything slow runs outside the event loop, one at a time. */
export interface SecretHasher {
  /**
   * A new key `pkv_<8-character id>_<43 characters of 256-bit randomness><checksum>` and its argon2id hash, with the id
   * that is given or a new one.
   */
  newKey(keyId?: string): Promise<NewKey>;
  /** The id inside a generated key with a valid checksum; undefined for anything else that begins with `pkv_`. */
  keyIdOf(secret: string): string | undefined;
  hash(secret: string): Promise<string>;
  /** Against argon2id or Simple-PyKV's PBKDF2. Rejects with `rate_limited` when too many wait already. */
  verify(secret: string, hash: string): Promise<boolean>;
  /**
   * Like `verify`, but at a cost that does not reveal which of the hashes `alike` is meant, or whether any is:
   * undefined costs the same and is false.
   */
  verifyInConstantCost(secret: string, hash: string | undefined, alike: readonly string[]): Promise<boolean>;
  /** Takes as long as a verification, without its work: for a secret with nothing to verify against. */
  verifyDummy(): Promise<void>;
  /** Whether the hash is weaker than what `hash` makes today. */
  isOutdated(hash: string): boolean;
  /** How many verifications wait. */
  readonly waiting: number;
  /** A keyed hash, random per process, under which a verified secret may be remembered. */
  fingerprint(secret: string): string;
}
export const SecretHasher = Symbol('SecretHasher');
