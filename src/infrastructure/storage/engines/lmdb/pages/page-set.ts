import { CorruptFileError } from './file-header.js';

/** Numbers of pages, each of which is added once. The meta pages are never among them. */
export class PageSet {
  readonly #lastPage: number;
  readonly #bits: Uint8Array;
  #size = 0;

  constructor(lastPage: number) {
    this.#lastPage = lastPage;
    this.#bits = new Uint8Array(Math.ceil((lastPage + 1) / 8));
  }

  get size(): number {
    return this.#size;
  }

  has(page: number): boolean {
    return ((this.#bits[Math.floor(page / 8)] ?? 0) & (1 << (page & 7))) !== 0;
  }

  /** Adds `count` pages. Throws `CorruptFileError` at one that cannot exist or was added before. */
  claim(page: number, count: number): void {
    if (page < 2 || page + count - 1 > this.#lastPage) throw new CorruptFileError(`page ${page} does not exist`);
    for (let p = page; p < page + count; p++) {
      if (this.has(p)) throw new CorruptFileError(`page ${p} is used twice`);
      this.#bits[Math.floor(p / 8)] = (this.#bits[Math.floor(p / 8)] ?? 0) | (1 << (p & 7));
    }
    this.#size += count;
  }
}
