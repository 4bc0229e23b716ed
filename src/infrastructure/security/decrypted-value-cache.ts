import { GenerationalCache } from '../../application/generational-cache.js';
import { contentBytes, type Entry } from '../../domain/entry.js';

/** What an entry takes in memory beside its key and value, in bytes. */
const OVERHEAD_BYTES = 500;

interface DecryptedEntry {
  /** The encrypted value up to its ciphertext; the nonce in it makes it unique. */
  readonly head: Buffer;
  readonly entry: Entry;
}

/** Entries that were encrypted or decrypted lately, in plain: to decrypt one costs a tenth of a request or more. */
export class DecryptedValueCache {
  readonly #entries: GenerationalCache<DecryptedEntry>;

  /** Keeps `capacity` bytes at most. */
  constructor(capacity: number) {
    this.#entries = new GenerationalCache(capacity, {
      weigh: ({ entry }) =>
        OVERHEAD_BYTES + entry.key.length + entry.value.buffer.byteLength + contentBytes(entry) - entry.value.length,
      heaviest: capacity / 16,
    });
  }

  /** The plain entry, if exactly this entry was added with this head. */
  find(encrypted: Entry, head: Buffer): Entry | undefined {
    const { key, version, contentType, expiresAt } = encrypted;
    const known = this.#entries.get(key);
    if (known === undefined || known.entry.version !== version || known.entry.expiresAt !== expiresAt) return undefined;
    if (known.entry.contentType !== contentType || !known.head.equals(head)) return undefined;
    return known.entry;
  }

  add(entry: Entry, head: Buffer): void {
    this.#entries.set(entry.key, { head: Buffer.from(head), entry });
  }
}
