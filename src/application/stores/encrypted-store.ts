import type { Entry } from '../../domain/entry.js';
import { andThen } from '../awaitable.js';
import type { Cipher } from '../ports/cipher.js';
import type { ExternalChangeListener } from '../ports/external-changes.js';
import type { Batch, Range, Store } from '../ports/store.js';

/** Keeps only sealed values in another store. Keys, times and content types stay readable there. */
export class EncryptedStore implements Store {
  readonly #inner: Store;
  readonly #cipher: Cipher;

  constructor(inner: Store, cipher: Cipher) {
    this.#inner = inner;
    this.#cipher = cipher;
  }

  get(key: string) {
    return andThen(this.#inner.get(key), (entry) => this.#open(entry));
  }

  getMany(keys: readonly string[]) {
    return andThen(this.#inner.getMany(keys), (entries) => entries.map((entry) => this.#open(entry)));
  }

  scan(range: Range) {
    const { bytes, limit } = range;
    if (bytes === undefined) return andThen(this.#inner.scan(range), (entries) => this.#openAll(entries));
    // Sealed values are longer: what ends there has to be enough here.
    const sealed = { ...range, bytes: bytes + limit * this.#cipher.overhead };
    return andThen(this.#inner.scan(sealed), (entries) => this.#openAll(upTo(bytes, entries, this.#cipher.overhead)));
  }

  expiring(before: number, limit: number) {
    return this.#inner.expiring(before, limit);
  }

  size() {
    const { overhead } = this.#cipher;
    return andThen(this.#inner.size(), ({ keys, bytes }) => ({ keys, bytes: bytes - keys * overhead }));
  }

  commit(batch: Batch) {
    const { put } = batch;
    if (put === undefined) return this.#inner.commit(batch);
    return this.#inner.commit({ ...batch, put: put.map((entry) => this.#cipher.encrypt(entry)) });
  }

  unreadable() {
    return this.#inner.unreadable?.() ?? [];
  }

  close() {
    return this.#inner.close();
  }

  #openAll(entries: readonly Entry[]): Entry[] {
    return entries.map((entry) => this.#cipher.decrypt(entry));
  }

  #open(entry: Entry | undefined): Entry | undefined {
    return entry === undefined ? undefined : this.#cipher.decrypt(entry);
  }
}

/** The first entries, to the one with which the values, each without its overhead, have so many bytes. */
function upTo(bytes: number, entries: readonly Entry[], overhead: number): readonly Entry[] {
  let left = bytes;
  const end = entries.findIndex(({ value }) => {
    left -= value.length - overhead;
    return left <= 0;
  });
  return end < 0 ? entries : entries.slice(0, end + 1);
}

/** Hears of sealed entries what the listener is to hear of plain ones. One that the key does not open is told as lost. */
export function decryptExternalChanges(others: ExternalChangeListener, cipher: Cipher): ExternalChangeListener {
  return {
    changed: (changes) => {
      try {
        others.changed(
          changes.map((change) =>
            change.entry === undefined ? change : { ...change, entry: cipher.decrypt(change.entry) },
          ),
        );
      } catch {
        others.overflowed();
      }
    },
    overflowed: () => others.overflowed(),
    setPoller: (look) => others.setPoller(look),
  };
}
