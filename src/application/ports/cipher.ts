import type { Entry } from '../../domain/entry.js';
import type { KeySource } from '../../domain/project.js';

/** Encrypts the values of one project, with their metadata. Everything else of an entry stays as it is. */
export interface Cipher {
  /** The id of the key that encrypts. */
  readonly keyId: string;
  /** Names where the keys were read, for messages. */
  readonly source: string;
  /** By how many bytes an encrypted value is longer than the plain one and its metadata: the same for every value. */
  readonly overhead: number;
  /**
   * The entry with its value encrypted, bound to the project and to its key, version, content type and expiry. Its
   * metadata is in the encrypted value.
   */
  encrypt(entry: Entry): Entry;
  /**
   * Undoes `encrypt`. Throws `unavailable`, naming project and key, if the value was changed, belongs to another entry,
   * or was encrypted with a key that is missing (then `details.encryption_key` is its id).
   */
  decrypt(entry: Entry): Entry;
}

/** Makes ciphers of the keys that projects' settings name. */
export interface Ciphers {
  /** Reads the keys again. Rejects with `unavailable`, naming the source, if that is missing or holds no keys. */
  of(project: string, source: KeySource): Promise<Cipher>;
}
export const Ciphers = Symbol('Ciphers');
