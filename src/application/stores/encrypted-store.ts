import { type Entry, type EntryHead, headOf } from '../../domain/entry.js';
import { restAfter } from '../../domain/key.js';
import { andThen } from '../awaitable.js';
import type { Cipher } from '../ports/cipher.js';
import type { ExternalChangeListener } from '../ports/external-changes.js';
import type { Batch, Range, ReadView, Store } from '../ports/store.js';
import { isLast } from './store-pages.js';

/** How many bytes of values are in memory while metadata is read. */
const HEADS_BYTES = 1024 * 1024;

/** Keeps only encrypted values, with their metadata, in another store. Keys, times and content types stay readable. */
export class EncryptedStore implements Store {
  readonly #inner: Store;
  readonly #cipher: Cipher;

  constructor(inner: Store, cipher: Cipher) {
    this.#inner = inner;
    this.#cipher = cipher;
  }

  get(key: string) {
    return andThen(this.#inner.get(key), (entry) => this.#decrypt(entry));
  }

  getMany(keys: readonly string[]) {
    return andThen(this.#inner.getMany(keys), (entries) => entries.map((entry) => this.#decrypt(entry)));
  }

  scan(range: Range) {
    const { bytes, limit } = range;
    if (bytes === undefined) return andThen(this.#inner.scan(range), (entries) => this.#decryptAll(entries));
    const { overhead } = this.#cipher;
    // Encrypted values are longer: the larger limit makes sure that the page has enough bytes after decryption.
    const encrypted = { ...range, bytes: bytes + limit * overhead };
    return andThen(this.#inner.scan(encrypted), (entries) => this.#decryptAll(upTo(bytes, entries, overhead)));
  }

  /** Metadata is encrypted with the value, so values are read here, few at a time. */
  async scanHeads(range: Omit<Range, 'bytes'>) {
    const heads: EntryHead[] = [];
    for (let rest = range; rest.limit > 0; rest = { ...rest, limit: range.limit - heads.length }) {
      const page = { ...rest, bytes: HEADS_BYTES };
      const entries = await this.scan(page);
      heads.push(...entries.map(headOf));
      const last = entries[entries.length - 1];
      if (last === undefined || isLast(entries, page)) break;
      rest = { ...rest, ...restAfter(last.key, range.reverse) };
    }
    return heads;
  }

  expiring(before: number, limit: number) {
    return this.#inner.expiring(before, limit);
  }

  size() {
    const { overhead } = this.#cipher;
    return andThen(this.#inner.size(), ({ keys, bytes }) => ({ keys, bytes: bytes - keys * overhead }));
  }

  unreadable() {
    return this.#inner.unreadable();
  }

  get commitLog() {
    return this.#inner.commitLog;
  }

  get readView() {
    const { readView } = this.#inner;
    return readView && (async () => this.#decryptView(await readView()));
  }

  commit(batch: Batch) {
    const { put, limit } = batch;
    if (put === undefined) return this.#inner.commit(batch);
    const encrypted = { ...batch, put: put.map((entry) => this.#cipher.encrypt(entry)) };
    if (limit === undefined) return this.#inner.commit(encrypted);
    return this.#inner.commit({ ...encrypted, limit: { ...limit, uncounted: this.#cipher.overhead } });
  }

  close() {
    return this.#inner.close();
  }

  #decryptView(view: ReadView): ReadView {
    const decryptAll = (entries: readonly Entry[]) => this.#decryptAll(entries);
    return {
      async *pages(bounds) {
        for await (const page of view.pages(bounds)) yield decryptAll(page);
      },
      close: () => view.close(),
    };
  }

  #decryptAll(entries: readonly Entry[]): Entry[] {
    return entries.map((entry) => this.#cipher.decrypt(entry));
  }

  #decrypt(entry: Entry | undefined): Entry | undefined {
    return entry === undefined ? undefined : this.#cipher.decrypt(entry);
  }
}

/** The first entries, up to the one at which the encrypted values, each without its overhead, reach so many bytes. */
function upTo(bytes: number, entries: readonly Entry[], overhead: number): readonly Entry[] {
  let left = bytes;
  const end = entries.findIndex(({ value }) => {
    left -= value.length - overhead;
    return left <= 0;
  });
  return end < 0 ? entries : entries.slice(0, end + 1);
}

/** Decrypts changes for a listener. A change that cannot be decrypted is reported as an overflow. */
export function decryptExternalChanges(listener: ExternalChangeListener, cipher: Cipher): ExternalChangeListener {
  return {
    changed: (changes) => {
      try {
        listener.changed(
          changes.map((change) =>
            change.entry === undefined ? change : { ...change, entry: cipher.decrypt(change.entry) },
          ),
        );
      } catch {
        listener.overflowed();
      }
    },
    overflowed: () => listener.overflowed(),
    isWatched: () => listener.isWatched(),
    setPoller: (poll) => listener.setPoller(poll),
    authenticate: (entry) => isAuthentic(entry, cipher),
  };
}

function isAuthentic(entry: Entry, cipher: Cipher): boolean {
  try {
    cipher.decrypt(entry);
    return true;
  } catch {
    return false;
  }
}
