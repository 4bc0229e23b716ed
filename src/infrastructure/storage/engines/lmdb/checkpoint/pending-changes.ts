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
  readonly #removed = new Set<string>();
  /** The number of the last frame that is in the layer. */
  #sequence = 0;

  get keys(): number {
    return this.#below.size;
  }

  /** How many keys are removed. */
  get removedKeys(): number {
    return this.#removed.size;
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
      if (entry === undefined) {
        this.#table.remove(key);
        this.#removed.add(key);
      } else {
        this.#table.put(entry);
        if (this.#removed.size > 0) this.#removed.delete(key);
      }
    }
    this.#sequence = sequence;
  }

  /** All changes, in the order of their keys; `before` is what is below the layer. Nothing may be added any more. */
  *writes(): Generator<KeyWrite> {
    const removed = [...this.#removed].filter((key) => this.#below.get(key) !== undefined).sort(compareKeys);
    const removal = (key: string): KeyWrite => ({ key, before: this.#below.get(key), entry: undefined });
    let i = 0;
    for (const entry of this.#table.entriesIn({})) {
      const { key } = entry;
      for (; i < removed.length && compareKeys(removed[i] as string, key) < 0; i++) yield removal(removed[i] as string);
      yield { key, before: this.#below.get(key), entry };
    }
    for (; i < removed.length; i++) yield removal(removed[i] as string);
  }

  /** The range as it is with what is below the layer, which `below` finds in the same order; all of it. */
  scan(range: Omit<Range, 'bytes'>, below: Iterable<Entry>): Iterable<Entry> {
    return this.#merged(range, this.#table.entriesIn(range), below);
  }

  scanHeads(range: Omit<Range, 'bytes'>, below: Iterable<EntryHead>): Iterable<EntryHead> {
    return this.#merged(range, this.#table.headsIn(range), below);
  }

  /** As `Store.expiring`, with the times, and without a limit. */
  expiring(before: number): Iterable<{ readonly key: string; readonly expiresAt: number }> {
    return this.#table.expiries(before);
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
