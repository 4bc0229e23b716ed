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

  /** The plain entry, if exactly this entry was added with the head with which these bytes begin. */
  find(encrypted: Entry, bytes: Uint8Array): Entry | undefined {
    const { key, version, contentType, expiresAt } = encrypted;
    const known = this.#entries.get(key);
    if (known === undefined || known.entry.version !== version || known.entry.expiresAt !== expiresAt) return undefined;
    if (known.entry.contentType !== contentType || !beginsWith(bytes, known.head)) return undefined;
    return known.entry;
  }

  add(entry: Entry, head: Buffer): void {
    this.#entries.set(entry.key, { head: Buffer.from(head), entry });
  }
}

/** Byte by byte: for so few, that takes less time than to make a view of them and call node. */
function beginsWith(bytes: Uint8Array, head: Uint8Array): boolean {
  for (let i = 0; i < head.length; i++) if (bytes[i] !== head[i]) return false;
  return true;
}
