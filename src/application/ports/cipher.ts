import type { Entry } from '../../domain/entry.js';
import type { KeySource } from '../../domain/project.js';

/** Makes the values of one project unreadable without a key. Everything else of an entry stays as it is. */
export interface Cipher {
  /** The key that seals. */
  readonly keyId: string;
  /** Names where the keys were read, for messages. */
  readonly source: string;
  /** By how many bytes a sealed value is longer than the plain one: the same for every value. */
  readonly overhead: number;
  /** The entry with its value sealed: bound to the project and to its key, version, content type and expiry. */
  encrypt(entry: Entry): Entry;
  /**
   * Takes `seal` back. Throws `unavailable`, naming project and key, where the value was changed, belongs to another entry, or was
   * sealed with a key that is not at hand (then `details.encryption_key` is its id).
   */
  decrypt(entry: Entry): Entry;
}

/** Makes ciphers of the keys that projects' settings name. */
export interface Ciphers {
  /** Reads the keys anew. Rejects with `unavailable`, naming the source, where there is none or it holds no keys. */
  of(project: string, source: KeySource): Promise<Cipher>;
}
export const Ciphers = Symbol('Ciphers');
