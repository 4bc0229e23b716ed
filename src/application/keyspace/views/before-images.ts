import { type Entry, entryBytes } from '../../../domain/entry.js';
import { compareKeys } from '../../../domain/key.js';

/** Entries as they were before a change, in key order; undefined for keys that did not exist. */
export class BeforeImages {
  readonly #keys: string[] = [];
  readonly #images = new Map<string, Entry | undefined>();
  /** The size of the kept entries, as `Store.size` counts. */
  bytes = 0;

  has(key: string): boolean {
    return this.#images.has(key);
  }

  /** Only the first image of a key counts. */
  add(key: string, image: Entry | undefined): void {
    if (this.#images.has(key)) return;
    this.#images.set(key, image);
    this.#keys.splice(this.#countUpTo(key), 0, key);
    this.bytes += image === undefined ? Buffer.byteLength(key) : entryBytes(image);
  }

  /** Removes and returns the images of the keys up to `last`, or all. */
  takeUpTo(last: string | undefined): ReadonlyMap<string, Entry | undefined> {
    const taken = new Map<string, Entry | undefined>();
    for (const key of this.#keys.splice(0, last === undefined ? this.#keys.length : this.#countUpTo(last))) {
      const image = this.#images.get(key);
      taken.set(key, image);
      this.#images.delete(key);
      this.bytes -= image === undefined ? Buffer.byteLength(key) : entryBytes(image);
    }
    return taken;
  }

  /** How many keys are not after this one. */
  #countUpTo(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(this.#keys[middle] as string, key) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
