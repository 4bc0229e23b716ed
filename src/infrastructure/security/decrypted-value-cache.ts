import type { Entry } from '../../domain/entry.js';

/** What a record costs in memory beside the bytes of its value. */
const RECORD_BYTES = 500;

interface Opened {
  /** The sealed entry but for its ciphertext, on which the head depends. */
  readonly head: Buffer;
  readonly entry: Entry;
  readonly bytes: number;
}

/** Values that were sealed or opened lately, in plain: opening costs a tenth of a request and more. Forgets like `Recent`. */
export class DecryptedValueCache {
  readonly #capacity: number;
  #young = new Map<string, Opened>();
  #old = new Map<string, Opened>();
  #bytes = 0;

  /** Keeps `capacity` bytes at most. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The plain entry, where exactly this entry was added with this head. */
  find(sealed: Entry, head: Buffer): Entry | undefined {
    const { key, version, contentType, expiresAt } = sealed;
    const known = this.#young.get(key) ?? this.#older(key);
    if (known === undefined || known.entry.version !== version || known.entry.expiresAt !== expiresAt) return undefined;
    if (known.entry.contentType !== contentType || !known.head.equals(head)) return undefined;
    return known.entry;
  }

  add(entry: Entry, head: Buffer): void {
    const bytes = RECORD_BYTES + entry.key.length + entry.value.buffer.byteLength;
    if (bytes > this.#capacity / 16) this.#forget(entry.key);
    else this.#keep(entry.key, { head: Buffer.from(head), entry, bytes });
  }

  #forget(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  #older(key: string): Opened | undefined {
    const found = this.#old.get(key);
    if (found !== undefined) this.#keep(key, found);
    return found;
  }

  #keep(key: string, opened: Opened): void {
    if (this.#bytes + opened.bytes > this.#capacity / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#bytes = 0;
    }
    this.#bytes += opened.bytes - (this.#young.get(key)?.bytes ?? 0);
    this.#young.set(key, opened);
  }
}
