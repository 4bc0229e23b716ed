import type { Range } from '../../../../../application/ports/store.js';
import type { Entry, EntryHead } from '../../../../../domain/entry.js';
import { compareKeys } from '../../../../../domain/key.js';
import { OrderedTable } from '../../../building-blocks/ordered-table.js';
import type { EntryHeader, KeyWrite } from '../../../building-blocks/write-group.js';

/** What the journal says of some keys and LMDB does not: a layer over what is stored there. */
export class PendingChanges {
  readonly #table = new OrderedTable();
  /** What is below the layer, by key. */
  readonly #below = new Map<string, EntryHeader | undefined>();
  /** The number of the last frame that is in the layer. */
  #sequence = 0;

  get keys(): number {
    return this.#below.size;
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** Whether the layer decides about a key: then it has its entry, or the key is removed. */
  has(key: string): boolean {
    return this.#below.has(key);
  }

  get(key: string): Entry | undefined {
    return this.#table.get(key);
  }

  header(key: string): EntryHeader | undefined {
    return this.#table.header(key);
  }

  apply(writes: Iterable<KeyWrite>, sequence: number): void {
    for (const { key, before, entry } of writes) {
      if (!this.#below.has(key)) this.#below.set(key, before);
      this.#table.apply(entry === undefined ? { remove: [key] } : { put: [entry] });
    }
    this.#sequence = sequence;
  }

  /** All changes; `before` is what is below the layer. */
  writes(): KeyWrite[] {
    const writes: KeyWrite[] = [];
    for (const [key, before] of this.#below) {
      const entry = this.#table.get(key);
      if (before !== undefined || entry !== undefined) writes.push({ key, before, entry });
    }
    return writes;
  }

  /** The range as it is with what is below the layer, which `below` finds in the same order; all of it. */
  scan(range: Omit<Range, 'bytes'>, below: Iterable<Entry>): Iterable<Entry> {
    return this.#merged(range, this.#table.entriesIn(range), below);
  }

  scanHeads(range: Omit<Range, 'bytes'>, below: Iterable<EntryHead>): Iterable<EntryHead> {
    return this.#merged(range, this.#table.headsIn(range), below);
  }

  /** As `Store.expiring`, with the times. */
  expiring(before: number, limit: number): { readonly key: string; readonly expiresAt: number }[] {
    return this.#table.expiring(before, limit).map((key) => ({ key, expiresAt: this.header(key)?.expiresAt ?? 0 }));
  }

  *#merged<T extends { readonly key: string }>(
    { reverse }: { readonly reverse?: boolean | undefined },
    own: Iterator<T>,
    below: Iterable<T>,
  ): Generator<T> {
    const sign = reverse ? -1 : 1;
    let next = own.next();
    for (const found of below) {
      if (this.has(found.key)) continue;
      for (; !next.done && sign * compareKeys(next.value.key, found.key) < 0; next = own.next()) yield next.value;
      yield found;
    }
    for (; !next.done; next = own.next()) yield next.value;
  }
}
